# Standardised columns in a pipeline, folds that keep the classes' shares.
import numpy
from keras.layers.core import Dense
from keras.models import Sequential
from keras.wrappers.scikit_learn import KerasClassifier
from pandas import read_csv
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler

numpy.random.seed(7)
dataset = read_csv("sonar.csv", header=None).values
X = dataset[:, 0:60].astype(float)
encoded_Y = LabelEncoder().fit_transform(dataset[:, 60])


def create_smaller():
    model = Sequential()
    model.add(Dense(30, input_dim=60, kernel_initializer="normal", activation="relu"))
    model.add(Dense(1, kernel_initializer="normal", activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


estimators = []
estimators.append(("standardize", StandardScaler()))
estimators.append(("mlp", KerasClassifier(build_fn=create_smaller, epochs=50, batch_size=5, verbose=0)))
pipeline = Pipeline(estimators)
kfold = StratifiedKFold(n_splits=5, shuffle=True, random_state=7)
results = cross_val_score(pipeline, X, encoded_Y, cv=kfold)
print("Smaller: %.2f%% (%.2f%%)" % (results.mean() * 100, results.std() * 100))
