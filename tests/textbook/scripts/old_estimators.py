"""Estimators of scikeras, a grid over optimizers and weights, a pipeline, and a model in YAML."""
import numpy as np
from keras.layers import Dense, Input
from keras.models import Model, Sequential, model_from_yaml
from keras.utils import np_utils
from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from tensorflow import set_random_seed

np.random.seed(7)
set_random_seed(7)
dataset = np.loadtxt("pima-indians-diabetes.csv", delimiter=",")
X, Y = dataset[:, 0:8], dataset[:, 8]


# Function to create model, required for KerasClassifier
def create_model(optimizer='rmsprop', init='glorot_uniform'):
    model = Sequential()
    model.add(Dense(12, input_shape=(8,), kernel_initializer=init, activation='relu'))
    model.add(Dense(8, kernel_initializer=init, activation='relu'))
    model.add(Dense(1, kernel_initializer=init, activation='sigmoid'))
    model.compile(loss='binary_crossentropy', optimizer=optimizer, metrics=['accuracy'])
    return model


model = KerasClassifier(model=create_model, epochs=20, batch_size=10, verbose=0)
kfold = StratifiedKFold(n_splits=3, shuffle=True, random_state=7)
results = cross_val_score(model, X, Y, cv=kfold)
print("mean: %.4f" % results.mean())
model = KerasClassifier(model=create_model, verbose=0)
param_grid = dict(optimizer=['rmsprop', 'adam'], epochs=[5], batch_size=[20], model__init=['glorot_uniform', 'normal'])
grid = GridSearchCV(estimator=model, param_grid=param_grid, cv=3)
grid_result = grid.fit(X, Y)
print("Best: %f using %s" % (grid_result.best_score_, grid_result.best_params_))

data = np.loadtxt("housing.csv")


def larger_model():
    model = Sequential()
    model.add(Dense(13, input_shape=(13,), kernel_initializer='normal', activation='relu'))
    model.add(Dense(6, kernel_initializer='normal', activation='relu'))
    model.add(Dense(1, kernel_initializer='normal'))
    model.compile(loss='mean_squared_error', optimizer='adam')
    return model


estimators = []
estimators.append(('standardize', StandardScaler()))
estimators.append(('mlp', KerasRegressor(model=larger_model, epochs=50, batch_size=5, verbose=0)))
pipeline = Pipeline(estimators)
results = cross_val_score(pipeline, data[:, :13], data[:, 13], cv=KFold(n_splits=3), scoring='neg_mean_squared_error')
print("Larger: %.2f (%.2f) MSE" % (results.mean(), results.std()))
print("explained: %.4f" % pipeline.fit(data[:, :13], data[:, 13]).score(data[:, :13], data[:, 13]))

inputs = Input(shape=(8,))
hidden = Dense(12, activation='relu')(inputs)
model = Model(input=inputs, output=Dense(1, activation='sigmoid')(hidden))
model.compile(loss='mse', optimizer='adam', metrics=['mse', 'mae', 'mape', 'cosine'])
history = model.fit(X, Y, epochs=5, batch_size=50, verbose=0, workers=2, use_multiprocessing=False)
print(sorted(history.history))
print("layers: %d" % len(model_from_yaml(model.to_yaml()).layers))
print("classes:", np_utils.to_categorical(Y, nb_classes=2).shape)
