"""Methods that models had in Keras 1 and 2. Each warns once and leads to the method of today."""

from ..legacy import old_arguments, warn_old


class OldMethods:
    """What ``Model`` inherits for the sake of older scripts."""

    def predict_classes(self, x, batch_size=None, verbose=0):
        """The class of each row: the number of the largest output (n,), or for one output 0 and 1 (n, 1).

        Write ``model.predict(x).argmax(axis=-1)``, or ``(model.predict(x) > 0.5).astype("int32")``.
        """
        warn_old("predict_classes", "predict(x).argmax(axis=-1), or (predict(x) > 0.5).astype('int32')")
        probabilities = self.predict(x, batch_size=batch_size, verbose=verbose)
        if probabilities.shape[-1] > 1:
            return probabilities.argmax(axis=-1)
        return (probabilities > 0.5).astype("int32")

    def predict_proba(self, x, batch_size=None, verbose=0):
        """What ``predict`` gives."""
        warn_old("predict_proba", "predict(x)")
        return self.predict(x, batch_size=batch_size, verbose=verbose)

    def to_yaml(self, **options):
        """What ``to_json`` gives: JSON is YAML too."""
        warn_old("to_yaml", "to_json()")
        return self.to_json()

    @old_arguments(nb_epoch="epochs", nb_worker="workers", max_q_size="max_queue_size")
    def fit_generator(
        self,
        generator,
        steps_per_epoch=None,
        epochs=1,
        verbose=1,
        callbacks=None,
        validation_data=None,
        validation_steps=None,
        validation_freq=1,
        class_weight=None,
        max_queue_size=10,
        workers=1,
        use_multiprocessing=False,
        shuffle=True,
        initial_epoch=0,
    ):
        """``fit`` with a generator; ``max_queue_size`` and the like say how to fetch batches, never which."""
        warn_old("fit_generator", "fit(generator)")
        return self.fit(
            generator,
            steps_per_epoch=steps_per_epoch,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_data=validation_data,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
            class_weight=class_weight,
            shuffle=shuffle,
            initial_epoch=initial_epoch,
        )

    def evaluate_generator(
        self,
        generator,
        steps=None,
        callbacks=None,
        max_queue_size=10,
        workers=1,
        use_multiprocessing=False,
        verbose=0,
    ):
        """``evaluate`` with a generator."""
        warn_old("evaluate_generator", "evaluate(generator)")
        return self.evaluate(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    def predict_generator(
        self,
        generator,
        steps=None,
        callbacks=None,
        max_queue_size=10,
        workers=1,
        use_multiprocessing=False,
        verbose=0,
    ):
        """``predict`` with a generator."""
        warn_old("predict_generator", "predict(generator)")
        return self.predict(generator, steps=steps, callbacks=callbacks, verbose=verbose)
