"""Knowledge distillation: a small net learns what a large one says, with the loss in ``compute_loss``."""

import keras
from keras import layers, ops

keras.utils.set_random_seed(1)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:6000].reshape(-1, 784).astype("float32") / 255
x_test = x_test[:2000].reshape(-1, 784).astype("float32") / 255
y_train, y_test = y_train[:6000], y_test[:2000]


class Distiller(keras.Model):
    def __init__(self, student, teacher):
        super().__init__()
        self.teacher = teacher
        self.student = student

    def compile(self, optimizer, metrics, student_loss_fn, distillation_loss_fn, alpha=0.1, temperature=3):
        super().compile(optimizer=optimizer, metrics=metrics)
        self.student_loss_fn = student_loss_fn
        self.distillation_loss_fn = distillation_loss_fn
        self.alpha = alpha
        self.temperature = temperature

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        teacher_pred = self.teacher(x, training=False)
        student_loss = self.student_loss_fn(y, y_pred)
        distillation_loss = self.distillation_loss_fn(
            ops.softmax(teacher_pred / self.temperature, axis=1),
            ops.softmax(y_pred / self.temperature, axis=1),
        ) * (self.temperature**2)
        return self.alpha * student_loss + (1 - self.alpha) * distillation_loss

    def call(self, x):
        return self.student(x)


def net(units, name):
    return keras.Sequential([keras.Input((784,)), layers.Dense(units, activation="relu"), layers.Dense(10)], name=name)


teacher, student = net(128, "teacher"), net(16, "student")
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
teacher.compile("adam", cross_entropy, metrics=[keras.metrics.SparseCategoricalAccuracy()])
teacher.fit(x_train, y_train, epochs=5, verbose=2)
print("teacher:", teacher.evaluate(x_test, y_test, verbose=0)[1])
teacher.trainable = False
before = teacher.get_weights()[0].copy()

distiller = Distiller(student=student, teacher=teacher)
distiller.compile(
    optimizer=keras.optimizers.Adam(),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
    student_loss_fn=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    distillation_loss_fn=keras.losses.KLDivergence(),
    alpha=0.1,
    temperature=10,
)
history = distiller.fit(x_train, y_train, epochs=3, verbose=2)
print("loss falls:", int(history.history["loss"][-1] < history.history["loss"][0]))
results = distiller.evaluate(x_test, y_test, verbose=0, return_dict=True)
print("student:", results["sparse_categorical_accuracy"])
print("teacher stays:", int((teacher.get_weights()[0] == before).all()))
