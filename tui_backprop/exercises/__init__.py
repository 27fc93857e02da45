"""Gradients worked out by hand: answers, what is wrong with them, homework, quiz and the gradient check."""
