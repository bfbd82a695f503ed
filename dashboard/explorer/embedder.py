"""From a picture to its embedding: the encoder of an atlas, run by ONNX without torch."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pipeline.atlas import Atlas, ChangedError, EncoderInput, Manifest, encoder_input

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_THREADS = 2  # of one embedding, which takes some 20 ms; the server has other things to do
_OUTPUT_ONLY_FATAL = 4  # of onnxruntime's levels: it warns of GPUs that it does not find
_MANGLED = "The search by a picture is mangled: it cannot be read. Choose the picture again."
_MARK_LENGTH = 8  # characters of the hash of the weights that a written embedding carries


class EmbedderError(RuntimeError):
    """The encoder of an atlas cannot be used; the message says why and how to mend it."""


class EmbeddingTextError(ValueError):
    """A text that is not an embedding, or one of another model."""


class Embedder:
    """The encoder of one atlas, loaded when it is first used. Safe to share between threads.

    ``read`` returns the model as it was published, or raises a ChangedError: a damaged model must
    not reach the runtime.
    """

    def __init__(self, read: Callable[[], bytes], encoder_input: EncoderInput) -> None:
        self._read = read
        self._input_px = encoder_input.input_px
        self._loading = threading.Lock()

    @classmethod
    def of(cls, atlas: Atlas) -> Embedder | None:
        """Return the embedder of an atlas; None if the atlas has no encoder."""
        manifest = atlas.manifest
        if atlas.encoder is None or manifest.encoder_input is None:
            return None
        return cls(atlas.read_encoder, manifest.encoder_input)

    def see(self, planes: np.ndarray, field_px: int) -> np.ndarray:
        """Return what the encoder sees of the middle of a picture, see `encoder_input`."""
        return encoder_input(planes, field_px, self._input_px)

    def embed(self, seen: np.ndarray) -> np.ndarray:
        """Embed what `see` returned: float32 of shape (dim,) and unit length.

        Raises
        ------
        EmbedderError
            The encoder is not there any more, or is another one.
        """
        with self._loading:
            session = self._session
        (embeddings,) = session.run(None, {"pictures": seen[np.newaxis]})
        return np.asarray(embeddings[0], np.float32)

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime  # slow to import, and most visits bring no picture

        try:
            model = self._read()
        except ChangedError as error:
            raise EmbedderError(str(error)) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.inter_op_num_threads = 1
        options.log_severity_level = _OUTPUT_ONLY_FATAL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def embedding_to_text(embedding: np.ndarray, manifest: Manifest) -> str:
    """Return an embedding as text for an address: which model it is of, and 16-bit numbers."""
    numbers = base64.urlsafe_b64encode(embedding.astype("<f2").tobytes()).decode("ascii")
    return f"{_mark(manifest)}.{numbers.rstrip('=')}"


def embedding_from_text(text: str, manifest: Manifest) -> np.ndarray:
    """Read what `embedding_to_text` wrote, and somebody may have changed: float32, unit length.

    Raises
    ------
    EmbeddingTextError
        Not an embedding, or not of the model of this atlas.
    """
    mark, _, numbers = text.partition(".")
    if mark != _mark(manifest):
        raise EmbeddingTextError(
            "This search by a picture was made with another atlas, or another version of it. "
            "Choose the picture again."
        )
    try:
        # Python's decoder for addresses passes over characters that do not belong.
        raw = base64.b64decode(numbers + "=" * (-len(numbers) % 4), b"-_", validate=True)
        embedding = np.frombuffer(raw, "<f2").astype(np.float32)
    except (binascii.Error, ValueError) as error:
        raise EmbeddingTextError(_MANGLED) from error
    length = np.linalg.norm(embedding)
    # 16 bits keep unit length to about 1e-3; NaN fails the comparison, too.
    if embedding.shape != (manifest.embedding.dim,) or not abs(length - 1) < 1e-2:
        raise EmbeddingTextError(_MANGLED)
    return np.asarray(embedding / length, np.float32)


def _mark(manifest: Manifest) -> str:
    return manifest.model.weights_sha256[:_MARK_LENGTH]
