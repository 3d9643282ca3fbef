"""implicit on a shop's purchases: ALS and item-item cosine, each tuned on the validation, then their ten for everybody.

Reads the name of a file of arrays: `known`, `more` (person, product, times: to learn from before and after the
validation), `asked` and `truth` (of the validation: who is asked for, and what they bought: person, product),
`people` (whom to make the lists for at last), `most`, `shape`, `again` (1: what was bought may be recommended again).
Persons and products are numbered from 0. Writes `als`, `cosine` (lists, -1 where there is nothing) and what was
chosen into the second file.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import itertools
import json
import sys
import warnings

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from scipy.sparse import csr_matrix

warnings.filterwarnings("ignore")
FACTORS, REGULARS, ALPHAS, ITERATIONS = (16, 64, 128), (0.01, 1.0), (1.0, 10.0, 40.0), 15
NEIGHBOURS = (20, 100, 300)
DAMPED = (False, True)  # how often somebody bought the same, or its logarithm


def matrix(rows, shape, damped):
    times = np.log1p(rows[2]) if damped else rows[2].astype(np.float64)
    return csr_matrix((times.astype(np.float32), (rows[0], rows[1])), shape=shape)


def lists(model, bought, people, most, filtered):
    found, scores = model.recommend(people, bought[people], N=most, filter_already_liked_items=filtered)
    found = np.where((scores > -1e30) & (found >= 0), found, -1)
    return found if found.shape[1] == most else np.pad(found, ((0, 0), (0, most - found.shape[1])), constant_values=-1)


def ndcg(found, people, truth):
    wanted = {}
    for person, product in truth.T:
        wanted.setdefault(person, set()).add(product)
    worth = 1 / np.log2(np.arange(2, found.shape[1] + 2))
    total = 0.0
    for row, person in zip(found, people, strict=True):
        hits = np.array([product in wanted[person] for product in row])
        total += (worth * hits).sum() / worth[: len(wanted[person])].sum()
    return total / max(len(people), 1)


def als(chosen):
    factors, regular, alpha, _, _ = chosen
    return AlternatingLeastSquares(
        factors=factors, regularization=regular, alpha=alpha, iterations=ITERATIONS, num_threads=2, random_state=1
    )


def cosine(chosen):
    return CosineRecommender(K=chosen[0], num_threads=2)


def tuned(given, make, choices):
    """The lists of the choice that was best on the validation."""
    shape = tuple(given["shape"])
    found = []
    for fitting, group in itertools.groupby(choices, key=lambda one: one[:-1]):
        bought = matrix(given["known"], shape, fitting[-1])
        model = make((*fitting, False))
        model.fit(bought, show_progress=False)
        for one in group:
            got = lists(model, bought, given["asked"], int(given["most"]), one[-1])
            found.append((ndcg(got, given["asked"], given["truth"]), one))
    best = max(found, key=lambda one: one[0])
    bought = matrix(given["more"], shape, best[1][-2])
    model = make(best[1])
    model.fit(bought, show_progress=False)
    return lists(model, bought, given["people"], int(given["most"]), best[1][-1]), best


def main() -> None:
    given = dict(np.load(sys.argv[1]))
    filters = (True, False) if given["again"] else (True,)
    few = len(sys.argv) > 3
    grid = (FACTORS[1:3], REGULARS[:1], ALPHAS[:1]) if few else (FACTORS, REGULARS, ALPHAS)
    by_als, chosen_als = tuned(given, als, list(itertools.product(*grid, DAMPED, filters)))
    by_cosine, chosen_cosine = tuned(given, cosine, list(itertools.product(NEIGHBOURS, DAMPED, filters)))
    chosen = json.dumps({"als": chosen_als, "cosine": chosen_cosine})
    np.savez(sys.argv[2], als=by_als, cosine=by_cosine, chosen=np.array(chosen))


if __name__ == "__main__":
    main()
