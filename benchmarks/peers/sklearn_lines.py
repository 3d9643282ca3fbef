"""scikit-learn on the same lines: reads {"train": [[kind, text]…], "test": [text…]} and prints the kinds as JSON."""

import json
import sys

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

given = json.load(sys.stdin)
model = make_pipeline(
    TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True),
    LogisticRegression(C=10, max_iter=2000, class_weight="balanced"),
)
model.fit([text for _, text in given["train"]], [kind for kind, _ in given["train"]])
json.dump(list(model.predict(given["test"])), sys.stdout)
