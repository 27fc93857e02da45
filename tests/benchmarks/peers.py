"""The same training in other packages, as their own introductions write it, without optimizer objects.

Each takes the loss as a formula over parameters and data, and keeps every loss, as the trainer does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from tests.benchmarks.racing import Contender, Run, looped

Arrays = Mapping[str, Any]
LENGTHS = (1 << 14, 1 << 10, 1 << 6, 1 << 3, 1)
"""Iterations of the loops that JAX has compiled."""
Formula = Callable[..., Any]
"""The loss, from the package's own functions, the parameters in order, and the data in order."""


def peer(name: str, package: str, start: Callable[[], Callable[[], Run]]) -> Contender:
    """Make a contender of a package that may be missing."""
    return Contender(name, start() if find_spec(package) is not None else None)


def torch_peer(
    loss: Formula,
    parameters: Arrays,
    data: Sequence[Any],
    rate: float,
    *,
    dtype: str = "float64",
    name: str = "torch",
) -> Contender:
    def begin() -> Callable[[], Run]:
        import torch

        torch.set_num_threads(1)
        kind = getattr(torch, dtype)
        inputs = [torch.tensor(value, dtype=kind) for value in data]

        def start() -> list[Any]:
            return [torch.tensor(value, dtype=kind, requires_grad=True) for value in parameters.values()]

        def loop(weights: list[Any], losses: list[Any], iterations: int) -> list[Any]:
            for _ in range(iterations):
                value = loss(torch, *weights, *inputs)
                losses.append(value.item())
                value.backward()
                with torch.no_grad():
                    for weight in weights:
                        weight -= rate * weight.grad
                        weight.grad = None
            return weights

        return looped(start, loop)

    return peer(name, "torch", begin)


def in_jax(loss: Formula, parameters: Arrays, data: Sequence[Any], rate: float) -> tuple[Any, Any, Any]:
    """Return data as JAX has it, what makes the parameters, and what gives the loss and an update."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    # With one processor, handing the work to another thread only costs (25 %).
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    inputs = tuple(jnp.asarray(value, dtype=jnp.float64) for value in data)

    def start() -> tuple[Any, ...]:
        return tuple(jnp.asarray(value, dtype=jnp.float64) for value in parameters.values())

    def update(weights: tuple[Any, ...], inputs: tuple[Any, ...], rate: Any = rate) -> tuple[Any, Any]:
        value, gradients = jax.value_and_grad(lambda weights: loss(jnp, *weights, *inputs))(weights)
        return value, tuple(
            weight - rate * gradient for weight, gradient in zip(weights, gradients, strict=True)
        )

    return inputs, start, update


def jax_scan(loss: Formula, parameters: Arrays, data: Sequence[Any], rate: float) -> Contender:
    """Train in whole compiled loops that keep all losses, of as many iterations as have been compiled for."""
    name = "JAX scan, keeps losses"
    if find_spec("jax") is None:
        return Contender(name, None)
    import jax

    inputs, start, update = in_jax(loss, parameters, data, rate)

    def many(weights: tuple[Any, ...], inputs: tuple[Any, ...], length: int) -> Any:
        def body(weights: tuple[Any, ...], _: Any) -> tuple[tuple[Any, ...], Any]:
            value, weights = update(weights, inputs)
            return weights, value

        return jax.lax.scan(body, weights, None, length)

    scan = jax.jit(many, static_argnums=2)

    def begin() -> tuple[Any, ...]:
        for length in LENGTHS:  # compiled the first time
            scan(start(), inputs, length)
        return start()

    def loop(weights: tuple[Any, ...], losses: list[Any], iterations: int) -> tuple[Any, ...]:
        for length in LENGTHS:
            times, iterations = divmod(iterations, length)
            for _ in range(times):
                weights, values = scan(weights, inputs, length)
                losses.append(values)
        losses.append(np.asarray(values)[-1])
        return weights

    return Contender(name, looped(begin, loop))


def jax_peers(loss: Formula, parameters: Arrays, data: Sequence[Any], rate: float) -> list[Contender]:
    """Make two: one compiled step called from Python, and a whole compiled loop, which keeps no losses."""
    if find_spec("jax") is None:
        return [Contender("JAX jit", None), Contender("JAX fori_loop, keeps no losses", None)]
    import jax
    import jax.numpy as jnp

    inputs, start, update = in_jax(loss, parameters, data, rate)
    step = jax.jit(update)

    def loop(weights: tuple[Any, ...], losses: list[Any], iterations: int) -> tuple[Any, ...]:
        for _ in range(iterations):
            value, weights = step(weights, inputs)
            losses.append(value)  # not as a float, which takes longer: JAX's best is the one to beat
        return weights

    @jax.jit
    def steps(weights: tuple[Any, ...], inputs: tuple[Any, ...], iterations: int) -> Any:
        def body(_: Any, carry: tuple[Any, tuple[Any, ...]]) -> tuple[Any, tuple[Any, ...]]:
            return update(carry[1], inputs)

        return jax.lax.fori_loop(0, iterations, body, (jnp.zeros(()), weights))

    def compiled(weights: tuple[Any, ...], losses: list[Any], iterations: int) -> tuple[Any, ...]:
        value, weights = steps(weights, inputs, iterations)
        losses.append(value.block_until_ready())
        return weights

    return [
        Contender("JAX jit", looped(start, loop)),
        Contender("JAX fori_loop, keeps no losses", looped(start, compiled)),
    ]


def autograd_peer(loss: Formula, parameters: Arrays, data: Sequence[Any], rate: float) -> Contender:
    def begin() -> Callable[[], Run]:
        import autograd.numpy as anp
        from autograd import value_and_grad

        evaluate = value_and_grad(lambda weights: loss(anp, *weights, *data))

        def loop(weights: list[Any], losses: list[Any], iterations: int) -> list[Any]:
            for _ in range(iterations):
                value, gradients = evaluate(weights)
                losses.append(value)
                weights = [
                    weight - rate * gradient for weight, gradient in zip(weights, gradients, strict=True)
                ]
            return weights

        return looped(lambda: [np.array(value) for value in parameters.values()], loop)

    return peer("autograd", "autograd", begin)


def micrograd_peer(loss: Formula, parameters: Arrays, data: Sequence[float], rate: float) -> Contender:
    """Train with numbers one by one, which is all that micrograd has."""

    def begin() -> Callable[[], Run]:
        from micrograd.engine import Value

        def loop(weights: list[Any], losses: list[Any], iterations: int) -> list[Any]:
            for _ in range(iterations):
                value = loss(None, *weights, *data)
                losses.append(value.data)
                for weight in weights:
                    weight.grad = 0
                value.backward()
                for weight in weights:
                    weight.data -= rate * weight.grad
            return weights

        return looped(lambda: [Value(float(value)) for value in parameters.values()], loop)

    return peer("micrograd", "micrograd", begin)
