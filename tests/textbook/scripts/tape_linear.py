# A line fitted by hand: gradients from a tape, variables assigned to.
import tensorflow as tf

x_data = [1, 2, 3, 4, 5]
y_data = [1, 2, 3, 4, 5]
W = tf.Variable(2.9)
b = tf.Variable(0.5)
hypothesis = W * x_data + b
print("first:", hypothesis.numpy())
print(tf.reduce_mean(tf.square(hypothesis - y_data)))
learning_rate = 0.01
for i in range(101):
    with tf.GradientTape() as tape:
        hypothesis = W * x_data + b
        cost = tf.reduce_mean(tf.square(hypothesis - y_data))
    W_grad, b_grad = tape.gradient(cost, [W, b])
    W.assign_sub(learning_rate * W_grad)
    b.assign_sub(learning_rate * b_grad)
    if i % 10 == 0:
        print("{:5}|{:10.4f}|{:10.4f}|{:10.6f}".format(i, W.numpy(), b.numpy(), cost))
print("five: %.4f" % (W * 5 + b))
print(b)
time = tf.Variable(3.0)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        position = 4.9 * time**2
    speed = inner.gradient(position, time)
print("acceleration: %.4f" % outer.gradient(speed, time))
