"""A lesson that holds samples back, and stops early."""

from __future__ import annotations

MOONS = '''
formula = """
z = X @ w + b
p = sigmoid(z)
L = bce(p, y)
"""
[samples]
dataset = "moons"
size = 50
noise = 0.3
[validation]
{validation}
[parameters]
w = {{ init = "normal", shape = 2 }}
b = 0.0
[hyperparameters]
learning_rate = 1.0
iterations = 3000
'''
"""Without early stop it trains on; with 50 iterations' patience a run stops at iteration 85."""
STOPPING = MOONS.format(validation='share = 0.2\nmetrics = ["accuracy"]\nearly_stop = 50')
