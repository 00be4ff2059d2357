# -*- coding: utf-8 -*-
# 피마 인디언, 아이리스, 초음파 광물: pandas, scikit-learn과 함께.
import os

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential, load_model
from keras.utils import to_categorical
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import LabelEncoder, MinMaxScaler

seed = 0
np.random.seed(seed)
tf.random.set_seed(3)

# 1. 피마 인디언
df = pd.read_csv('pima-indians-diabetes.csv',
                 names=["pregnant", "plasma", "pressure", "thickness", "insulin", "BMI", "pedigree", "age", "class"])
print(df.head(5).shape)
print(df[['pregnant', 'class']].groupby(['pregnant'], as_index=False).mean().sort_values(by='pregnant', ascending=True).shape)
X = df.iloc[:, 0:8]
y = df.iloc[:, 8]
model = Sequential()
model.add(Dense(12, input_dim=8, activation='relu', name='Dense_1'))
model.add(Dense(8, activation='relu', name='Dense_2'))
model.add(Dense(1, activation='sigmoid', name='Dense_3'))
model.summary()
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(X, y, epochs=20, batch_size=5, verbose=0)
print("pima: %.4f" % model.evaluate(X, y, verbose=0)[1])

# 2. 아이리스
df = pd.read_csv('iris.csv', names=["sepal_length", "sepal_width", "petal_length", "petal_width", "species"])
X = df.iloc[:, 0:4]
y = df.iloc[:, 4]
print(X[0:5].shape, y[0:5].values[0])
y = pd.get_dummies(y)
print(list(y.columns))
model = Sequential()
model.add(Dense(12, input_dim=4, activation='relu'))
model.add(Dense(8, activation='relu'))
model.add(Dense(3, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(X, y, epochs=50, batch_size=5, verbose=0)
print("iris: %.4f" % history.history['accuracy'][-1])

dataset = df.values
X = dataset[:, 0:4].astype(float)
Y_obj = dataset[:, 4]
e = LabelEncoder()
e.fit(Y_obj)
Y = e.transform(Y_obj)
Y_encoded = to_categorical(Y)
print("encoded:", Y_encoded.shape)

# 3. 초음파 광물
df = pd.read_csv('sonar.csv', header=None)
print(df[60].value_counts().to_dict())
dataset = df.values
X = dataset[:, 0:60].astype(float)
y = LabelEncoder().fit_transform(dataset[:, 60])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, shuffle=True, random_state=seed)
model = Sequential()
model.add(Dense(24, input_dim=60, activation='relu'))
model.add(Dense(10, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
history = model.fit(X_train, y_train, epochs=40, batch_size=10, verbose=0)
score = model.evaluate(X_test, y_test)
print('Test accuracy: %.4f' % score[1])
os.makedirs('./data/model', exist_ok=True)
model.save('./data/model/my_model.keras')
del model  # 테스트를 위해 메모리 내의 모델을 삭제
model = load_model('./data/model/my_model.keras')  # 모델을 새로 불러옴
print('Loaded accuracy: %.4f' % model.evaluate(X_test, y_test, verbose=0)[1])
y_pred = (model.predict(X_test) > 0.5).astype(int)
print(confusion_matrix(y_test, y_pred).shape)
print("report: %d" % ("precision" in classification_report(y_test, y_pred)))

k = 3
kfold = KFold(n_splits=k, shuffle=True)
acc_score = []


def model_fn():
    model = Sequential()
    model.add(Dense(24, input_dim=60, activation='relu'))
    model.add(Dense(10, activation='relu'))
    model.add(Dense(1, activation='sigmoid'))
    return model


X, y = pd.DataFrame(X), pd.Series(y)
for train_index, test_index in kfold.split(X):
    X_train, X_test = X.iloc[train_index, :], X.iloc[test_index, :]
    y_train, y_test = y.iloc[train_index], y.iloc[test_index]
    model = model_fn()
    model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
    history = model.fit(X_train, y_train, epochs=30, batch_size=10, verbose=0)
    accuracy = model.evaluate(X_test, y_test, verbose=0)[1]
    acc_score.append(accuracy)
avg_acc_score = sum(acc_score) / k
print('정확도:', len(acc_score))
print('정확도 평균: %.4f' % avg_acc_score)

# 4. 와인
df_pre = pd.read_csv('wine.csv', header=None)
df = df_pre.sample(frac=1, random_state=1)
X = df.iloc[:, 0:12]
y = df.iloc[:, 12]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, shuffle=True, random_state=1)
model = Sequential()
model.add(Dense(30, input_dim=12, activation='relu'))
model.add(Dense(12, activation='relu'))
model.add(Dense(8, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
os.makedirs('./data/model/all', exist_ok=True)
modelpath = "./data/model/all/{epoch:02d}-{val_accuracy:.4f}.keras"
checkpointer = ModelCheckpoint(filepath=modelpath, verbose=1)
history = model.fit(X_train, y_train, epochs=3, batch_size=500, validation_split=0.25, verbose=0, callbacks=[checkpointer])
print("files: %d" % len(os.listdir('./data/model/all')))
history = model.fit(X_train, y_train, epochs=20, batch_size=100, validation_split=0.25, verbose=0)
hist_df = pd.DataFrame(history.history)
y_vloss = hist_df['val_loss']
y_loss = hist_df['loss']
x_len = np.arange(len(y_loss))
plt.plot(x_len, y_vloss, "o", c="red", markersize=2, label='Testset_loss')
plt.plot(x_len, y_loss, "o", c="blue", markersize=2, label='Trainset_loss')
plt.legend(loc='upper right')
plt.show()
early_stopping_callback = EarlyStopping(monitor='val_loss', patience=10)
modelpath = "./data/model/bestmodel.keras"
checkpointer = ModelCheckpoint(filepath=modelpath, monitor='val_loss', verbose=0, save_best_only=True)
history = model.fit(X_train, y_train, epochs=60, batch_size=100, validation_split=0.25, verbose=0,
                    callbacks=[early_stopping_callback, checkpointer])
score = model.evaluate(X_test, y_test)
print('wine: %.4f' % score[1])

# 5. 주택 가격
df = pd.read_csv("housing.csv", sep=r"\s+", header=None)
df.loc[3, 2] = np.nan
print(df.isnull().sum().sort_values(ascending=False).head(1).to_dict())
df = df.fillna(df.mean())
df_corr_sort = df.corr().sort_values(13, ascending=False)
cols_train = list(df_corr_sort.index[1:4]) + list(df_corr_sort.index[-3:])
X_train_pre = MinMaxScaler().fit_transform(df[cols_train])
y = df[13].values
X_train, X_test, y_train, y_test = train_test_split(X_train_pre, y, test_size=0.2, random_state=0)
model = Sequential()
model.add(Dense(10, input_dim=X_train.shape[1], activation='relu'))
model.add(Dense(30, activation='relu'))
model.add(Dense(40, activation='relu'))
model.add(Dense(1))
model.compile(optimizer='adam', loss='mean_squared_error')
early_stopping_callback = EarlyStopping(monitor='val_loss', patience=20)
history = model.fit(X_train, y_train, validation_split=0.25, epochs=80, batch_size=32, verbose=0,
                    callbacks=[early_stopping_callback, ModelCheckpoint("Ch15-house.keras", monitor='val_loss', save_best_only=True)])
real_prices = []
pred_prices = []
X_num = []
n_iter = 0
Y_prediction = model.predict(X_test).flatten()
for i in range(25):
    real = y_test[i]
    prediction = Y_prediction[i]
    print("실제가격: {:.2f}, 예상가격: {:.2f}".format(real, prediction))
    real_prices.append(real)
    pred_prices.append(prediction)
    n_iter = n_iter + 1
    X_num.append(n_iter)
plt.plot(X_num, pred_prices, label='predicted price')
plt.plot(X_num, real_prices, label='real price')
plt.legend()
plt.show()
print("price error: %.4f" % np.abs(Y_prediction - y_test).mean())
