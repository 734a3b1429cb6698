# SPDX-License-Identifier: Apache-2.0
"""jax_jit.py WORKLOAD [ROUNDS] [--check] [--loop] [--plain]: jax on one core; a whole step is one jitted function.

With --loop a request is one call of one function that loops over its steps inside XLA: no dispatch, but a loop of XLA's.
Of the workloads clip and filters: vmap of the gradient of one row; --plain: the batch's gradient.
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
FLAGS = {flag for flag in ("--loop", "--plain") if flag in sys.argv}
sys.argv = [argument for argument in sys.argv if argument not in FLAGS]
FUNCTIONS = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "sin": jnp.sin, "tanh": jnp.tanh, "exp": jnp.exp}


def make_loss(workload: workloads.Workload):
    """loss(weights, x, y): the mean over a batch."""
    activation = workloads.function_of(workload.activation, FUNCTIONS)

    def loss_of(weights, x, y):
        for layer in range(0, len(weights), 2):
            x = x @ weights[layer] + weights[layer + 1]
            if layer + 2 < len(weights):
                x = activation(x)
        if workload.loss == "mse":
            return jnp.mean((x - y) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), y, axis=1))

    return loss_of


def make_step(workload: workloads.Workload):
    """step(state, x, y) -> (state, loss); state is weights, both moments and the number of steps done."""
    loss_of = make_loss(workload)

    def sgd(state, x, y):
        weights, first, second, count = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, x, y)
        weights = [w - workloads.SGD_RATE * g for w, g in zip(weights, gradients)]
        return (weights, first, second, count), loss

    def adam(state, x, y):
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

    return sgd if workload.optimizer == "sgd" else adam


def make_clipper(workload: workloads.Workload):
    """gradients(weights, x, y) -> (loss, gradients): clipped row by row, or the batch's."""
    loss_of = make_loss(workload)
    if "--plain" in FLAGS:
        return jax.value_and_grad(loss_of)
    of_rows = jax.vmap(jax.value_and_grad(lambda weights, x, y: loss_of(weights, x[None], y[None])), (None, 0, 0))

    def gradients(weights, x, y):
        losses, rows = of_rows(weights, x, y)
        squares = sum(jnp.sum(g.reshape(len(x), -1) ** 2, axis=1) for g in rows)
        scale = workloads.ROW_CLIP / jnp.maximum(jnp.sqrt(squares), workloads.ROW_CLIP) / len(x)
        return jnp.mean(losses), [jnp.tensordot(scale, g, 1) for g in rows]

    return gradients


def compiled(function, *arguments, **options):
    """The compiled function, and milliseconds."""
    begin = time.perf_counter()
    done = jax.jit(function, **options).lower(*arguments).compile()
    return done, 1000 * (time.perf_counter() - begin)


def prepare_apply(workload: workloads.Workload, batches: list):
    flat = [x.reshape(-1) for x, _ in batches]
    function, compile_ms = compiled(workloads.function_of(workload.activation, FUNCTIONS), flat[0])

    def run(steps: int) -> None:
        for number in range(steps):
            function(flat[number % workloads.BATCHES])

    means = lambda steps: [float(function(flat[i % workloads.BATCHES]).mean()) for i in range(steps)]  # noqa: E731
    return compile_ms, run, means


def prepare_filters(workload: workloads.Workload, batches: list):
    """Gradients by filters 3 x 3, "same", of pictures and slopes that lie side by side in a row of x."""
    height, width, channels, filters = workload.sizes
    split = height * width * channels
    zeros = jnp.zeros((3, 3, channels, filters), jnp.float32)

    def answers(w, pictures, slopes):
        names = ("NHWC", "HWIO", "NHWC")
        return jnp.sum(slopes * jax.lax.conv_general_dilated(pictures, w, (1, 1), "SAME", dimension_numbers=names))

    def gradient(x):
        pictures = x[:, :split].reshape(-1, height, width, channels)
        slopes = x[:, split:].reshape(-1, height, width, filters)
        if "--plain" in FLAGS:
            return jax.grad(answers)(zeros, pictures, slopes) / len(x)
        rows = jax.vmap(jax.grad(lambda w, p, s: answers(w, p[None], s[None])), (None, 0, 0))(zeros, pictures, slopes)
        squares = jnp.sum(rows.reshape(len(x), -1) ** 2, axis=1)
        return jnp.tensordot(workloads.ROW_CLIP / jnp.maximum(jnp.sqrt(squares), workloads.ROW_CLIP) / len(x), rows, 1)

    function, compile_ms = compiled(gradient, batches[0][0])

    def run(steps: int) -> None:
        for number in range(steps):
            jax.block_until_ready(function(batches[number % workloads.BATCHES][0]))

    squares = lambda steps: [float((function(batches[i % workloads.BATCHES][0]) ** 2).mean()) for i in range(steps)]  # noqa: E731
    return compile_ms, run, squares


def prepare_clip(workload: workloads.Workload, arrays: list, batches: list):
    start = [jnp.asarray(array) for array in arrays]
    function, compile_ms = compiled(make_clipper(workload), start, *batches[0])

    def run(steps: int) -> None:
        for number in range(steps):
            jax.block_until_ready(function(start, *batches[number % workloads.BATCHES]))

    def losses(steps: int) -> list[float]:
        weights, values = start, []
        for number in range(steps):
            loss, gradients = function(weights, *batches[number % workloads.BATCHES])
            weights = [w - workloads.CLIP_RATE * g for w, g in zip(weights, gradients)]
            values.append(float(loss))
        return values

    return compile_ms, run, losses


def prepare_step(workload: workloads.Workload, arrays: list, batches: list):
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
    one, compile_ms = compiled(step, state, *batches[0], donate_argnums=0)
    if "--loop" in FLAGS:
        many, compile_ms = compiled(many_steps, state, *stacked, jnp.int32(1), donate_argnums=0)

    def run(steps: int) -> None:
        nonlocal state
        if "--loop" in FLAGS:
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


def prepare(workload: workloads.Workload):
    arrays, pairs = workloads.make_state(workload)
    kind = jnp.float32 if workload.loss == "mse" else jnp.int32
    batches = [(jnp.asarray(x), jnp.asarray(y, dtype=kind)) for x, y in pairs]
    if workload.work == "apply":
        return prepare_apply(workload, batches)
    if workload.work == "filters":
        return prepare_filters(workload, batches)
    return (prepare_clip if workload.work == "clip" else prepare_step)(workload, arrays, batches)


if __name__ == "__main__":
    workloads.serve(prepare)
