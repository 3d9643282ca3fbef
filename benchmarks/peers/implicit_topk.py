"""implicit's recommend: ALS with its default 100 factors, fitted small, then the ten best for as many members as asked.

Reads a number of members from a line, answers with the seconds it took. Nothing is filtered, which is its fastest way;
both cores: implicit takes the rows on its own threads, so BLAS gets one each, as implicit itself asks for.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
from time import perf_counter

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix


def main() -> None:
    items, threads, members, factors = (int(argument) for argument in sys.argv[1:])
    chance = np.random.default_rng(1)
    fitted, each = 2000, 20
    bought = csr_matrix(
        (
            np.ones(fitted * each, np.float32),
            (np.repeat(np.arange(fitted), each), chance.integers(0, items, fitted * each)),
        ),
        shape=(fitted, items),
    )
    model = AlternatingLeastSquares(factors=factors, iterations=3, num_threads=threads, random_state=1)
    model.fit(bought, show_progress=False)
    model.user_factors = model.user_factors[chance.integers(0, fitted, members)]
    for line in sys.stdin:
        count = int(line)
        nothing = csr_matrix((count, items), dtype=np.float32)
        start = perf_counter()
        found, _ = model.recommend(np.arange(count), nothing, N=10, filter_already_liked_items=False)
        spent = perf_counter() - start
        assert found.shape == (count, 10)
        print(spent, flush=True)


if __name__ == "__main__":
    main()
