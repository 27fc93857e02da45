"""A lesson with calls and turns, some inside one another."""

from __future__ import annotations

NET = '''
title = "A recurrent net of two numbers"
formula = """
def gate(z):
    e = exp(-z)
    return 1 / (1 + e)
def cell(x, h, w, u):
    a = w * x + u * h
    return tanh(a) * gate(a)
h = 0.1 * ones(2)
for t in range(3):
    h = cell(X[t], h, w, u)
L = sum(h**2)
"""
[data]
X = [0.5, -1.0, 2.0]
[parameters]
w = 0.7
u = -0.4
[hyperparameters]
learning_rate = 0.1
'''
