"""Lessons for exported scripts: each has something that a script may get wrong."""

from __future__ import annotations

ELEMENTWISE = (
    "exp(0.1 * {x})", "log({x} * {x} + 2)", "sqrt(abs({x}) + 1)", "square({x})", "abs({x})", "sin({x})",
    "cos({x})", "tanh({x})", "sigmoid({x})", "relu({x})", "leaky_relu({x})", "softplus({x})",
    "maximum({x}, 0.3)", "maximum({x}, {x} * {x})", "{x}**2", "{x}**3", "{x}**4", "abs({x})**0.5",
    "(abs({x}) + 1)**-1", "(abs({x}) + 1)**1.7", "2**{x}", "(abs({x}) + 2)**{x}", "1 / (abs({x}) + 1)",
)  # fmt: skip
"""Every function, of something called x."""


def on_numbers() -> str:
    """Return a lesson that applies them all to numbers."""
    terms = " + ".join(f"v{i}" for i in range(len(ELEMENTWISE)))
    lines = "\n".join(f"v{i} = {text.format(x='z')}" for i, text in enumerate(ELEMENTWISE))
    return (
        f"formula = '''\nz = w * x + b\n{lines}\nL = ({terms})**2 / 1000\n'''\n"
        "[data]\nx = 0.7\n[parameters]\nw = 'normal'\nb = -0.1\n[hyperparameters]\nlearning_rate = 0.01\n"
    )


def on_arrays(rows: int) -> str:
    """Return a lesson that applies them all to a matrix; above 64 elements it is written into buffers."""
    terms = " + ".join(f"mean(v{i})" for i in range(len(ELEMENTWISE)))
    lines = "\n".join(f"v{i} = {text.format(x='Z')}" for i, text in enumerate(ELEMENTWISE))
    return (
        f"formula = '''\nZ = X @ W + b\n{lines}\nL = ({terms})**2 / 1000\n'''\n"
        f"[samples]\ndataset = 'moons'\nsize = {rows}\n"
        "[parameters]\nW = { init = 'xavier', shape = [2, 3], scale = 0.5 }\n"
        "b = { init = 'uniform', shape = 3, scale = 0.1 }\n[hyperparameters]\nlearning_rate = 0.01\n"
    )


LESSONS = {
    "numbers": on_numbers(),
    "small arrays": on_arrays(7),
    "large arrays": on_arrays(60),
    "classes": """
formula = '''
H = relu(X @ W1 + b1)
Z = H @ W2 + b2
L = cross_entropy(Z, y)
'''
[samples]
dataset = "spiral"
size = 61
classes = 3
one_hot = true
[parameters]
W1 = { init = "he", shape = [2, 30] }
b1 = { init = "zeros", shape = 30 }
W2 = { init = "xavier", shape = [30, 3] }
b2 = { init = "ones", shape = 3, scale = 0.5 }
""",
    "softmax": """
formula = '''
p = softmax(X @ W)
q = softmax(X @ W, axis=0)
L = -mean(log(p) * T) + sum(q * T)
'''
[data]
X = [[1, 2], [3, -4], [0.5, 0.25]]
T = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
[parameters]
W = { init = "normal", shape = [2, 3] }
""",
    "pictures": """
formula = '''
H = max_pool2d(relu(conv2d(X, w, padding=1) + b[:, None, None]), 2, stride=1)
Z = avg_pool2d(conv2d(H, v, stride=2), 2, 1)
L = mean((reshape(Z, shape=(len(Z), -1)) @ u - y)**2)
'''
[samples]
X = { formula = "reshape(sin(arange(343) * 3.1), shape=(7, 1, 7, 7))" }
y = { linspace = [-1, 1, 7] }
[parameters]
w = { init = "normal", shape = [2, 1, 3, 3], scale = 0.3 }
b = [0.1, -0.2]
v = { init = "normal", shape = [3, 2, 2, 2], scale = 0.3 }
u = { init = "normal", shape = 12, scale = 0.3 }
""",
    "three axes": """
formula = '''
Y = X @ W + c
Z = sum(Y * A, axis=1)
M = mean(Y, axis=(0, 2))
L = mean(Z * Z) + mean(M * M)
'''
[samples]
X = [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[-1, 0], [0.5, 2]]]
[data]
A = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]
[parameters]
W = { init = "uniform", shape = [2, 3], scale = 0.3 }
c = 0.25
""",
    "names of Python's": """
title = "names"
formula = '''
np = losses * k + lambda_
list = np - y
sys = sum(list**2)
loss = sys * finite + θ * 0
'''
[samples]
k = [1.0, 2.0, 3.0]
y = { formula = "2 * k + rng" }
[data]
rng = 0.5
finite = 1.0
[parameters]
losses = "normal"
lambda_ = "normal"
"θ" = "uniform"
[random]
seed = 3
""",
    "Greek": """
formula = '''
ŷ = α * ξ + β
ℓ = mse(ŷ, υ)
'''
[samples]
"ξ" = { linspace = [-1, 1, 9] }
"υ" = { formula = "exp(ξ)" }
[parameters]
"α" = "normal"
"β" = { init = "normal", scale = 2.0 }
[random]
generator = "legacy"
seed = 42
""",
    "made data": """
formula = '''
y_hat = w * x + v * x2 + b
L = mean((y_hat - y)**2) + mean((s - y)**2) * 0 + unit * 0
'''
[data]
scale = 1.5
unit = { formula = "sin(scale) + 1" }
[samples]
x = { linspace = [0.1, 2.0, 70] }
x2 = { formula = "scale * x**2 - sqrt(x)" }
x3 = { formula = "x**3" }
y = { formula = "maximum(x3 - mean(x3), 0.2) / 2" }
s = { formula = "sigmoid(x)" }
[parameters]
w = "normal"
unused = { init = "normal", shape = 4 }
v = "normal"
b = { init = "normal", trainable = false }
""",
    "table of numbers": """
formula = '''
y_hat = X @ w + b
L = mean(softplus(-y_hat * y))
'''
[samples]
csv = "points"
X = ["x1", "x2"]
y = "label"
[parameters]
w = [0.1, -0.2]
b = 1
""".replace('"points"', '"points.csv"'),
    "losses": """
formula = '''
half = 1 / 2
z = A.T @ (B.T @ w) + v @ A
alias = z
p = sigmoid(alias)
l1 = bce(p, t)
l2 = bce_with_logits(z, t)
l3 = mse(sum(z * A, axis=-1), B[0]) * half
L = l1 + l2 + sum(l3)
'''
[data]
A = [[1, 2], [0.5, -1]]
B = [[1, 3], [2, 4]]
t = [1, 0]
[parameters]
w = [0.1, 0.2]
v = { init = "he", shape = 2 }
""".replace("B[0]", "t"),
    "one element, stacks": """
formula = '''
P = X @ Y
Q = P @ W
y = mean(Q, axis=(1, 2))
L = (u @ y.T) * c
'''
[data]
X = [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[-1, 0], [0.5, 2]]]
Y = [[[1, -2], [0.1, 4]], [[0.5, 6], [-0.7, 8]], [[-1, 0], [0.5, 2]]]
u = [[0.1, 0.2, -0.3]]
[parameters]
W = { init = "normal", shape = [3, 2, 2], scale = 0.1 }
c = { init = "ones", shape = [1], scale = 0.25 }
[hyperparameters]
learning_rate = 1e-3
""",
    "a tenth is not one by ten": """
formula = '''
n0 = exp(s * 0.1)
n1 = (abs(s) + 0.1)**tanh(v)
r = mean(v @ D)
L = n0 + 0.1 * s * s + s / 4 + sum(n1) + r * 0.2
'''
[data]
D = [[[1, 2], [3, 4]], [[0.1, -0.3], [7, 0.7]]]
[parameters]
s = 0.707
v = [0.3, -0.1]
""",
    "nothing to learn from": """
formula = "L = sum(x * v) + 0.5"
[data]
x = [1.0, 2.0]
[parameters]
w = { init = "normal", shape = [2, 2] }
v = { value = 2.0, trainable = false }
""",
    "a frozen parameter": """
formula = '''
h = tanh(x * v + exp(u))
L = mean((w * h - x)**2)
'''
[samples]
x = [0.5, -1.0, 2.0]
[parameters]
v = { value = 0.5, trainable = false }
u = { value = -1.5, trainable = false }
w = 2
""",
}
CSV = "x1,x2,label\n1,0.1,1\n-2,1e-3,-1\n3,-0.25,1\n0.3333333333333333,5,-1\n1e3,2,1\n"
