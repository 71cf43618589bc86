"""What a data scientist does: trains, logs and registers models in MLflow, and predicts with them.

Usage: train.py URL ROWS.json ANSWERS.json. ROWS: for each model a list of rows, {column: value}.
ANSWERS: what MLflow's own pyfunc answers to them."""

import json
import pathlib
import sys

import mlflow
import numpy as np
import pandas as pd
import xgboost as xgb
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

url, rows_file, answers_file = sys.argv[1:]
mlflow.set_tracking_uri(url)
client = mlflow.MlflowClient()
rng = np.random.default_rng(7)


def log(flavour, model, table, name, **extra):
    with mlflow.start_run():
        flavour.log_model(model, name="model", signature=infer_signature(table), registered_model_name=name, **extra)


state = pd.DataFrame(rng.uniform([20, 0, 0], [90, 12, 3000], (600, 3)), columns=["temperature", "current", "speed"])
level = (state.temperature > 60).astype(int) + (state.current > 8).astype(int)
for depth in (2, 4):  # versions 1 and 2
    booster = xgb.train(
        {"objective": "multi:softprob", "num_class": 3, "max_depth": depth, "seed": 7},
        xgb.DMatrix(state, label=level),
        20,
    )
    log(mlflow.xgboost, booster, state, "pump_state", model_format="ubj", metadata={"classes": ["ok", "warm", "hot"]})
client.set_registered_model_alias("pump_state", "live", 2)

# Figures of a window of 16 samples; early stopping leaves more rounds than the best in the file.
wear = pd.DataFrame(
    rng.uniform([20, 0, 0, 0], [90, 30, 12, 12], (600, 4)),
    columns=["temperature:mean", "temperature:std", "current:max", "current:0"],
)
hours = 500 - 4 * wear["temperature:mean"] - 3 * wear["temperature:std"] + rng.normal(0, 20, 600)
life = xgb.XGBRegressor(n_estimators=300, early_stopping_rounds=5, max_depth=3, random_state=7)
life.fit(wear[:400], hours[:400], eval_set=[(wear[400:], hours[400:])], verbose=False)
assert life.best_iteration + 1 < life.get_booster().num_boosted_rounds()
log(mlflow.xgboost, life, wear, "pump_life", model_format="json", metadata={"window_size": 16})
client.set_registered_model_alias("pump_life", "live", 1)

alarm = xgb.XGBClassifier(n_estimators=20, max_depth=3, random_state=7).fit(state, level > 0)
log(mlflow.xgboost, alarm, state, "pump_alarm", model_format="ubj")

pickled = LogisticRegression().fit(state, level)
log(mlflow.sklearn, pickled, state, "pickled", serialization_format="cloudpickle")

rows = json.loads(pathlib.Path(rows_file).read_text())


def answers(uri, name, predict="predict"):
    model = mlflow.xgboost.load_model(uri) if predict != "predict" else mlflow.pyfunc.load_model(uri)
    return np.asarray(getattr(model, predict)(pd.DataFrame(rows[name])), dtype=float).tolist()


found = {
    "pump_state/2": answers("models:/pump_state@live", "pump_state"),
    "pump_state/1": answers("models:/pump_state/1", "pump_state"),
    "pump_life/1": answers("models:/pump_life@live", "pump_life"),
    "pump_alarm/1": answers("models:/pump_alarm/1", "pump_state", "predict_proba"),
}
pathlib.Path(answers_file).write_text(json.dumps(found))
