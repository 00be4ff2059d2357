# Regression with the wrapper, columns standardised.
import numpy
from keras.layers import Dense
from keras.models import Sequential
from keras.wrappers.scikit_learn import KerasRegressor
from pandas import read_csv
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

numpy.random.seed(7)
dataset = read_csv("housing.csv", sep=r"\s+", header=None).values
X, Y = dataset[:, 0:13], dataset[:, 13]


def wider_model():
    model = Sequential()
    model.add(Dense(20, input_dim=13, init="normal", activation="relu"))
    model.add(Dense(1, init="normal"))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


estimators = [("standardize", StandardScaler())]
estimators.append(("mlp", KerasRegressor(build_fn=wider_model, nb_epoch=60, batch_size=5, verbose=0)))
pipeline = Pipeline(estimators)
results = cross_val_score(pipeline, X, Y, cv=KFold(n_splits=5))
print("Wider: %.2f (%.2f) MSE" % (results.mean(), results.std()))
