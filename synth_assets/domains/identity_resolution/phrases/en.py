"""English phrases."""

from __future__ import annotations

from synth_assets.domains.identity_resolution.phrases.kinds import Phrases

PHRASES = Phrases(
    openings=(
        (
            "Not what I expected.",
            "Very disappointed.",
            "Would not order this again.",
            "Honestly, a waste of money.",
            "Had to send it back.",
            "I wanted to like it.",
        ),
        (
            "It's okay.",
            "Does what it should, nothing more.",
            "Mixed feelings about this one.",
            "Decent for the price.",
            "Not bad, not great.",
            "Fine overall.",
        ),
        (
            "Really happy with this.",
            "Exactly what I was looking for.",
            "Great purchase.",
            "Better than I expected.",
            "Love it!",
            "Would buy again in a heartbeat.",
        ),
    ),
    aspects=(
        (
            "the battery life",
            "the display",
            "the sound",
            "the setup",
            "the build quality",
            "the software",
        ),
        ("the fit", "the fabric", "the stitching", "the colour", "the cut", "the sizing"),
        ("the finish", "the material", "the assembly", "the size", "the design", "the packaging"),
        (
            "the scent",
            "the texture",
            "the bottle",
            "the colour on the skin",
            "the ingredients list",
            "the feel on the skin",
        ),
        (
            "the grip",
            "the weight",
            "the padding",
            "the durability",
            "the adjustment",
            "the carrying bag",
        ),
    ),
    praise=(
        "I really like {x}.",
        "What stands out is {x}.",
        "Full marks for {x}.",
        "No complaints about {x}.",
    ),
    blame=(
        "My main problem is {x}.",
        "What lets it down is {x}.",
        "I was not impressed by {x}.",
        "They should work on {x}.",
    ),
    uses=(
        "",
        "",
        "Bought it as a gift.",
        "Using it for two weeks now.",
        "Have had it a month.",
        "Use it almost every day.",
        "Arrived a day early.",
        "Ordered it during the sale.",
    ),
    closings=(
        (
            "Avoid.",
            "I asked for a refund.",
            "Customer service never replied.",
            "",
            "Save your money.",
            "Very poor value.",
        ),
        (
            "You get what you pay for.",
            "Might try another brand next time.",
            "",
            "We will see how it lasts.",
            "Three stars from me.",
            "Okay if it is on sale.",
        ),
        (
            "Highly recommended.",
            "Already ordered a second one.",
            "",
            "Great value.",
            "My sister wants one now.",
            "Five stars.",
        ),
    ),
    durations=("Using it for two weeks now.", "Have had it a month."),
    stars={"Three stars from me.": 3, "Five stars.": 5},
    titles=(
        ("Do not buy", "Waste of money", "Broke at once", "Terrible", "Sent it back"),
        ("Disappointing", "Could be better", "Not for me", "Had issues", "Meh"),
        ("It's okay", "Average", "Does the job", "Fair for the price", "Mixed feelings"),
        ("Good buy", "Happy with it", "Solid quality", "Nice", "Would recommend"),
        ("Love it", "Excellent", "Perfect", "Exceeded expectations", "Best purchase this year"),
    ),
)
