"""What the figures share: colours, new axes, and the words in English and Korean with a font that has them."""

import functools
import os

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#000000", "#8A8A8A"
COLORS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, BLACK, YELLOW)
"""Okabe and Ito's palette, which colour-blind readers tell apart."""

KOREAN = {
    "accuracy": "정확도",
    "activation": "활성값",
    "all": "전체",
    "best": "최저",
    "epoch": "에포크",
    "gradient": "기울기",
    "input": "입력",
    "learning rate": "학습률",
    "loss": "손실",
    "no mistakes": "틀린 것이 없음",
    "predicted": "예측",
    "start": "시작",
    "step": "단계",
    "training": "학습",
    "true": "정답",
    "validation": "검증",
    "wrong": "틀림",
}
"""The words that figures write; one that is missing stays English."""

FONTS = ("NanumGothic", "NanumBarunGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "AppleGothic",
         "Apple SD Gothic Neo", "UnDotum", "Baekmuk Dotum", "Noto Sans CJK JP")  # fmt: skip
"""Font families with Hangul, the nicer ones first; the last has the glyphs of all CJK scripts."""


@functools.cache
def korean_font():
    """Name of an installed font family with Hangul, or None.

    For texts of one's own: ``ax.set_title("결정 경계", family=fastnn.plot.korean_font())``.
    """
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in FONTS if name in installed), None)


def speaks_korean(language=None):
    """Whether a figure is to be in Korean.

    Parameters
    ----------
    language : {"en", "ko"}, optional
        By default ``FASTNN_LANG``, else the locale of the environment.

    Raises
    ------
    ValueError
        For another language.
    """
    if language not in (None, "en", "ko"):
        raise ValueError(f"language must be 'en' or 'ko', got {language!r}")
    variables = ("FASTNN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    found = language or next((os.environ[name] for name in variables if os.environ.get(name)), "en")
    return found.startswith("ko") and korean_font() is not None


def translator(language=None):
    """A function from English words to those of the language; see :func:`speaks_korean`."""
    return (lambda word: KOREAN.get(word, word)) if speaks_korean(language) else str


def axes(ax=None, figsize=None, projection=None):
    """``ax``, or the Axes of a new figure."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    subplot_kw = {"projection": projection} if projection else None
    return pyplot.subplots(figsize=figsize, layout="constrained", subplot_kw=subplot_kw)[1]


def finish(ax):
    """Give the texts of ``ax`` that hold Hangul a font with Hangul; return ``ax``."""
    from matplotlib.text import Text

    if korean_font() is not None:
        for text in ax.findobj(Text):
            if any("\uac00" <= letter <= "\ud7a3" or "\u3131" <= letter <= "\u318e" for letter in text.get_text()):
                text.set_fontfamily([*text.get_fontfamily(), korean_font()])
    return ax


def hide_frame(ax, *sides):
    for side in ("top", "right", *sides):
        ax.spines[side].set_visible(False)
