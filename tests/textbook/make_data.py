"""Write the tables that the scripts read, in the form of the well-known ones: ``python make_data.py FOLDER``.

Numbers are drawn from a fixed seed (iris is the real one); each table can be learnt about as well as its model.
"""

import pathlib
import sys

import numpy as np

SEED = 7


def pima(generator):
    """768 patients: 8 whole-numbered or decimal columns, then 0 or 1 (about a third)."""
    x = np.column_stack(
        [
            generator.poisson(3.8, 768),
            generator.normal(120, 30, 768).round().clip(44, 199),
            generator.normal(70, 12, 768).round().clip(24, 122),
            generator.normal(21, 10, 768).round().clip(0, 99),
            generator.gamma(1.5, 60, 768).round(),
            generator.normal(32, 7, 768).round(1).clip(18, 67),
            generator.gamma(2, 0.24, 768).round(3),
            (21 + generator.gamma(1.3, 9, 768)).round().clip(21, 81),
        ]
    )
    score = 0.12 * (x[:, 0] - 3.8) + 0.042 * (x[:, 1] - 120) + 0.08 * (x[:, 5] - 32) + 0.02 * (x[:, 7] - 33)
    return np.column_stack([x, score + generator.normal(0, 0.9, 768) > 0.75])


def sonar(generator):
    """208 echoes of 60 columns from 0 to 1, R or M."""
    mine = generator.permutation(np.arange(208) < 111)
    shape = np.exp(-((np.arange(60) - np.where(mine, 34, 26)[:, None]) ** 2) / 300)
    x = (shape * generator.uniform(0.5, 1, (208, 1)) + generator.normal(0, 0.3, (208, 60))).clip(0, 1)
    return x.round(4), np.where(mine, "M", "R")


def housing(generator):
    """506 districts: 13 columns of different scales, and a price."""
    z = generator.normal(size=(506, 13))
    price = 22 + 3 * z[:, 5] - 4 * z[:, 12] - 1.5 * z[:, 7] + 1.2 * np.abs(z[:, 0]) + generator.normal(0, 1.5, 506)
    scale = np.array([8, 23, 7, 0.25, 0.11, 0.7, 28, 2, 8.7, 168, 2.1, 91, 7.1])
    return np.column_stack([(z * scale + 3 * scale).round(4), price.clip(5, 50).round(1)])


def wine(generator):
    """600 wines: 12 columns, 1 for red (a quarter)."""
    red = generator.permutation(np.arange(600) < 150)
    x = generator.normal(size=(600, 12)) * np.linspace(0.1, 4, 12) + np.linspace(1, 12, 12)
    x[:, :6] += red[:, None] * np.linspace(0.1, 2, 6) * 1.2
    return np.column_stack([x.round(4), red])


def zoo(generator):
    """101 animals: 16 columns of 0, 1 and numbers of legs, then one of 7 kinds."""
    kinds = generator.integers(0, 2, (7, 16))
    kinds[:, 12] = [4, 2, 0, 0, 4, 6, 8]
    kind = generator.permutation(np.arange(101) % 7)
    x = kinds[kind]
    flip = generator.random(x.shape) < 0.03
    return np.column_stack([np.where(flip & (np.arange(16) != 12), 1 - x, x), kind])


def write(folder):
    """Write all files into a folder."""
    folder, generator = pathlib.Path(folder), np.random.default_rng(SEED)
    np.savetxt(folder / "pima-indians-diabetes.csv", pima(generator), "%g", ",")
    x, names = sonar(generator)
    lines = [",".join([*(f"{value:.4f}" for value in row), name]) for row, name in zip(x, names, strict=True)]
    (folder / "sonar.csv").write_text("\n".join(lines) + "\n")
    np.savetxt(folder / "housing.csv", housing(generator), "%g")
    np.savetxt(folder / "wine.csv", wine(generator), "%g", ",")
    np.savetxt(folder / "data-04-zoo.csv", zoo(generator), "%g", ",")
    from sklearn.datasets import load_iris

    data = load_iris()
    lines = [
        ",".join([*(f"{value:.1f}" for value in row), f"Iris-{data.target_names[label]}"])
        for row, label in zip(data.data, data.target, strict=True)
    ]
    (folder / "iris.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
