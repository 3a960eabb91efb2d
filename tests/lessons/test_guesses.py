"""Nothing on a page gives its guess away: what answers it is covered until it is made."""

from html.parser import HTMLParser

import pytest

from deepglass.course.widgets.choice import Choice
from deepglass.course.widgets.film import Film
from tests.lessons.opened import opened

ANSWERS = {  # by lesson, words of the page that answer its guess
    "01_deep_learning": "The net falls least",
    "04_probability": "Promised",
    "09_losses": "is content at a margin of 1",
    "10_feed_forward": "a triangle with round corners",
    "11_backpropagation": "receives the product",
    "13_optimisers": "moved: w₁",
    "14_schedules": "Half the rate, about half the floor",
    "15_initialisation": "Blame at layer 1",
    "17_holding_back": "lesson 16's other illness",
    "18_batch_normalisation": "The gradient at the weights is",
    "19_judging": "by imbalance",
    "21_preprocessing": "knows the answers of the test",
    "22_augmentation": "seeds in which they helped",
    "23_convolution": "After the last place",
    "24_pooling": "deaf to every move",
    "25_vgg": "spent in different places",
    "26_resnet": "no better than chance",
    "27_transfer": "worth most where labels are few",
    "28_recurrence": "its say about u",
    "29_lstm": "has its valves half open",
    "30_forecasting": "Why shares are another thing",
    "31_text_generation": "It writes:",
    "32_tokens": "reads back",
    "33_attention": "a fixed number of entries",
    "34_transformer": "asks where its parts stood",
    "37_sentiment": "Right about 600 reviews",
    "42_detection": "covered together",
    "43_gan": "Half of the dots lie within",
    "45_why": "lies on the left edge",
    "46_shapley": "hide one at a time",
    "47_lime": "None of them is wrong",
    "48_small_push": "Coins cancel",
    "50_fair": "It depends on whom you ask",
    "55_value_network": "Van Hasselt's mend",
    "56_policy": "The cloud grows and its mean stays",
    "51_what_we_owe": "of the alarms, right",
    "57_actor_critic": "the less it pays to wait",
    "60_map_of_digits": "Only both together",
    "61_stems": "Too eager: words of different meaning meet",
    "62_company": "see what that rule hides",
    "63_counting_company": "Nearest to “queen”, beside chance",
    "64_words_inside": "With “moth” the letters mislead",
    "49_stand_firm": "Judged by ten small steps it does not",
    "58_bottleneck": "is no straw man",
    "59_directions": "the wines stay what they are",
    "65_which_settings": "the next is due at",
    "66_not_belong": "a detector is judged twice",
    "67_groups": "about as wide as the others",
    "68_same_person": "a comparison with each of them",
    "76_one_example": "a stroke beside another has no pixel",
    "90_words_paint": "The last step of the first point",
    "69_more_pixels": "The mean of all pictures that it could have been",
    "75_forger_cheats": "One game each, all with the same first weights",
    "77_what_you_may_like": "only what was on the first list was ever",
    "91_say_what_you_see": "A mean does not know what came first",
    "83_paint_like_that": "so no place is left in it",
    "71_letters_of_life": "So half a word per filter is enough",
    "70_risk": "Everybody's price at once",
    "72_six_frameworks": "Right answers, in per cent",
    "73_symbols": "Beyond the largest number",
    "74_chips": "The wave has to fill the grid",
    "78_keep_the_lane": "the clone is good",
    "79_somebody_elses": "Every machine is lost sooner or later",
    "81_learning_to_learn": "how the ground slopes there",
    "92_what_they_do_next": "A visitor mostly looks at three pages",
    "93_what_you_wish_for": "a measure that is made",
    "85_without_labels": "the dots run together",
    "86_never_seen": "it leans towards",
    "82_reach_and_swing": "The broken arm learnt from angles",
    "84_leaf_and_background": "The same leaf, three answers",
    "35_bert": "What can be known at all",
    "89_sound_becomes_text": "adds such ways up",
    "88_a_machine_that_talks": "the model invents one",
    "80_second_opinion": "The obvious remedy is to scan again",
    "87_two_languages": "every single word is right, and little else",
}


class Words(HTMLParser):
    """The words of a page, covered ones and others."""

    def __init__(self):
        super().__init__()
        self.covered, self.open, self.inside, self.divs = [], [], 0, []

    def handle_starttag(self, tag, attrs):
        if tag == "div":
            is_cover = "dg-gated" in (dict(attrs).get("class") or "")
            self.divs.append(is_cover)
            self.inside += is_cover

    def handle_endtag(self, tag):
        if tag == "div" and self.divs:
            self.inside -= self.divs.pop()

    def handle_data(self, data):
        (self.covered if self.inside else self.open).append(data)


def words_of(slug):
    words = Words()
    words.feed(opened(slug).html)
    return tuple(" ".join(" ".join(part).split()) for part in (words.open, words.covered))


@pytest.mark.parametrize("slug", ANSWERS)
def test_what_answers_the_guess_is_covered(slug):
    seen, covered = words_of(slug)
    assert ANSWERS[slug] in covered
    assert ANSWERS[slug] not in seen


@pytest.mark.parametrize(
    "slug",
    [
        "09_losses",
        "11_backpropagation",
        "12_gradient_descent",
        "13_optimisers",
        "28_recurrence",
        "29_lstm",
        "45_why",
        "51_what_we_owe",
        "65_which_settings",
    ],
)
def test_a_film_that_answers_it_stops_before_it_does(slug):
    film = next(widget for widget in opened(slug).widgets if isinstance(widget, Film))
    guess = next(widget for widget in opened(slug).widgets if isinstance(widget, Choice) and widget.kind == "guess")
    assert film.waits_for == guess.name == "guess"
    assert 1 < film.held < len(film.frames) == len(film.captions)
