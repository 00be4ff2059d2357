"""What the weights of a model are called in its files: "dense/kernel", within another model "inner/dense/kernel".

Layers of one name may stand in two models within a model; here each parameter has a name of its own.
"""


def weight_names(model):
    """``{parameter: name}`` of all parameters, in the order of ``model.weights``."""
    found, taken, visited = {}, set(), set()

    def visit(layer, prefix, inside):
        visited.add(layer)
        for parameter in layer.parameters.values():
            if parameter not in found:
                found[parameter] = _free(prefix + parameter.path, taken)
        for inner in layer.sublayers:
            if inner not in visited:
                visit(inner, inside, f"{inside}{inner.name}/")

    visit(model, "", "")
    return {parameter: found[parameter] for parameter in model.weights}


def renamed(arrays, saved, now):
    """``arrays``, called by the names ``saved`` or with a slot after them, under the names ``now``, in the same order.

    Layers that are made anew may be numbered otherwise. Arrays of other names stay as they are.
    """
    if not isinstance(saved, list) or len(saved) != len(now) or set(map(str, saved)) == set(now):
        return arrays
    names = dict(zip(map(str, saved), now, strict=True))

    def new_name(name):
        stem, _, slot = name.rpartition("/")
        return names.get(name) or (f"{names[stem]}/{slot}" if stem in names else name)

    return {new_name(name): array for name, array in arrays.items()}


def _free(name, taken):
    if name in taken:
        name = next(new for n in range(1, len(taken) + 2) if (new := f"{name}_{n}") not in taken)
    taken.add(name)
    return name
