#!/usr/bin/env python3
"""Makes the boosters that xgboost_document_test reads, and what XGBoost itself answers to them.

Usage: make.py FOLDER, with numpy and the xgboost of the version that the files shall be of. The
files here: 3.0.5 for all but logistic_1_7.json, which 1.7.4 wrote."""

import json
import pathlib
import sys

import numpy as np
import xgboost as xgb

folder = pathlib.Path(sys.argv[1])
version = "_".join(xgb.__version__.split(".")[:2])
rng = np.random.default_rng(7)
names = ["temperature", "current", "speed"]
rows = np.round(rng.uniform([20, 0, 0], [90, 12, 3000], (300, 3)), 2)
rows[::17, 1] = np.nan  # missing values go where the tree says
level = (rows[:, 0] > 60).astype(int) + (np.nan_to_num(rows[:, 1]) > 8)
targets = {
    "softprob": ({"objective": "multi:softprob", "num_class": 3}, level),
    "logistic": ({"objective": "binary:logistic"}, level > 0),
    "squared": ({"objective": "reg:squarederror"}, rows[:, 0] * 0.5 + level),
    "poisson": ({"objective": "count:poisson"}, level),
}
expected = {"rows": [[None if np.isnan(v) else v for v in row] for row in rows[:20].tolist()]}
for name, (parameters, label) in targets.items():
    data = xgb.DMatrix(rows, label=label, feature_names=names)
    booster = xgb.train({"max_depth": 3, "seed": 7, **parameters}, data, 5)
    form = "ubj" if name in ("softprob", "squared") else "json"
    booster.save_model(folder / f"{name}_{version}.{form}")
    probe = xgb.DMatrix(rows[:20], feature_names=names)
    expected[name] = np.asarray(booster.predict(probe), dtype=float).reshape(20, -1).tolist()
(folder / f"expected_{version}.json").write_text(json.dumps(expected))
