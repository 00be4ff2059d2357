# Which optimizer, which initial weights, how many epochs?
import numpy
from keras.layers import Dense
from keras.models import Sequential
from keras.wrappers.scikit_learn import KerasClassifier
from sklearn.model_selection import GridSearchCV


def create_model(optimizer="rmsprop", init="glorot_uniform"):
    model = Sequential()
    model.add(Dense(12, input_dim=8, kernel_initializer=init, activation="relu"))
    model.add(Dense(8, kernel_initializer=init, activation="relu"))
    model.add(Dense(1, kernel_initializer=init, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


numpy.random.seed(7)
dataset = numpy.loadtxt("pima-indians-diabetes.csv", delimiter=",")
X, Y = dataset[:, 0:8], dataset[:, 8]
model = KerasClassifier(build_fn=create_model, verbose=0)
param_grid = dict(optimizer=["rmsprop", "adam"], epochs=[20, 50], batch_size=[10], init=["normal", "uniform"])
grid = GridSearchCV(estimator=model, param_grid=param_grid, cv=3)
grid_result = grid.fit(X, Y)
print("Best: %f using %s" % (grid_result.best_score_, sorted(grid_result.best_params_)))
for mean, stdev in zip(grid_result.cv_results_["mean_test_score"], grid_result.cv_results_["std_test_score"]):
    print("%f (%f)" % (mean, stdev))
