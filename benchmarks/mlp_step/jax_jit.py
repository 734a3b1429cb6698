# SPDX-License-Identifier: Apache-2.0
"""jax_jit.py WORKLOAD [ROUNDS] [--check] [--loop]: jax on one core; a whole step is one jitted function.

With --loop a request is one call of one function that loops over its steps inside XLA: no dispatch, but a loop of XLA's.
"""

import os
import sys

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
# XLA's pools have as many threads as there are cores that it may use: one.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import time  # noqa: E402

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import workloads  # noqa: E402

jax.config.update("jax_cpu_enable_async_dispatch", False)  # on one core another thread only costs switches
WITH_LOOP = "--loop" in sys.argv
sys.argv = [argument for argument in sys.argv if argument != "--loop"]


def make_activation(text: str):
    if text == "relu":
        return jax.nn.relu
    names = {"sigmoid": jax.nn.sigmoid, "sin": jnp.sin, "tanh": jnp.tanh, "exp": jnp.exp}
    return eval(f"lambda x: {text}", names)  # noqa: S307: our own constant


def make_step(workload: workloads.Workload):
    """step(state, x, y) -> (state, loss); state is weights, both moments and the number of steps done."""
    activation = make_activation(workload.activation)

    def loss_of(weights, x, y):
        for layer in range(0, len(weights), 2):
            x = x @ weights[layer] + weights[layer + 1]
            if layer + 2 < len(weights):
                x = activation(x)
        if workload.loss == "mse":
            return jnp.mean((x - y) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), y, axis=1))

    def step(state, x, y):
        weights, first, second, count = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, x, y)
        count = count + 1
        beta1, beta2 = workloads.BETA1, workloads.BETA2
        scale = workloads.LEARNING_RATE / (1 - beta1**count)
        root = jnp.sqrt(1 - beta2**count)
        first = [beta1 * m + (1 - beta1) * g for m, g in zip(first, gradients)]
        second = [beta2 * v + (1 - beta2) * g * g for v, g in zip(second, gradients)]
        weights = [w - scale * m / (jnp.sqrt(v) / root + workloads.EPS) for w, m, v in zip(weights, first, second)]
        return (weights, first, second, count), loss

    return step


def prepare(workload: workloads.Workload):
    arrays, pairs = workloads.make_state(workload)
    kind = jnp.float32 if workload.loss == "mse" else jnp.int32
    batches = [(jnp.asarray(x), jnp.asarray(y, dtype=kind)) for x, y in pairs]
    stacked = jnp.stack([x for x, _ in batches]), jnp.stack([y for _, y in batches])

    def fresh_state():
        weights = [jnp.array(array) for array in arrays]
        zeros = [jnp.zeros_like(weight) for weight in weights]
        return weights, zeros, [jnp.zeros_like(weight) for weight in weights], jnp.float32(0)

    step = make_step(workload)

    def many_steps(state, xs, ys, steps):
        body = lambda i, state: step(state, xs[i % workloads.BATCHES], ys[i % workloads.BATCHES])[0]  # noqa: E731
        return jax.lax.fori_loop(0, steps, body, state)

    state = fresh_state()
    begin = time.perf_counter()
    one = jax.jit(step, donate_argnums=0).lower(state, *batches[0]).compile()
    if WITH_LOOP:
        begin = time.perf_counter()
        many = jax.jit(many_steps, donate_argnums=0).lower(state, *stacked, jnp.int32(1)).compile()
    compile_ms = 1000 * (time.perf_counter() - begin)

    def run(steps: int) -> None:
        nonlocal state
        if WITH_LOOP:
            state = many(state, *stacked, jnp.int32(steps))
        else:
            for number in range(steps):
                state, _ = one(state, *batches[number % workloads.BATCHES])
        jax.block_until_ready(state)

    def losses(steps: int) -> list[float]:
        current, values = fresh_state(), []
        for number in range(steps):
            current, loss = one(current, *batches[number % workloads.BATCHES])
            values.append(float(loss))
        return values

    return compile_ms, run, losses


if __name__ == "__main__":
    workloads.serve(prepare)
