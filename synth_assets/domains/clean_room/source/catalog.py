"""What the merchant sells: categories with their size, usual price and cost, brands, styles.

Categories and their approximate sizes are those of the public data set; brands, styles and prices
are invented.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """A category. ``women`` and ``men`` are its weights in the departments (0: not sold there).

    ``price`` is the median in US dollars, ``spread`` the standard deviation of its logarithm,
    ``cost`` the merchant's mean cost of an article as a share of its price. ``mens`` are the men's
    articles where they are others.
    """

    name: str
    women: int
    men: int
    price: float
    spread: float
    cost: float
    articles: tuple[str, ...]
    mens: tuple[str, ...] = ()


CATEGORIES = (
    Category("Accessories", 660, 900, 28, 0.75, 0.40, ("Belt", "Scarf", "Beanie", "Wallet")),
    Category("Active", 760, 680, 36, 0.60, 0.42, ("Track Pant", "Training Tee", "Running Top")),
    Category("Blazers & Jackets", 560, 0, 72, 0.60, 0.38, ("Blazer", "Bolero", "Cropped Jacket")),
    Category("Clothing Sets", 37, 0, 75, 0.50, 0.63, ("Two-Piece Set", "Twin Set")),
    Category("Dresses", 955, 0, 68, 0.60, 0.45, ("Wrap Dress", "Maxi Dress", "Shift Dress")),
    Category(
        "Fashion Hoodies & Sweatshirts", 790, 1_080, 45, 0.50, 0.52,
        ("Zip Hoodie", "Crew Sweatshirt", "Fleece Pullover"),
    ),
    Category("Intimates", 2_360, 0, 27, 0.60, 0.53, ("Bra", "Camisole", "Slip", "Briefs Pack")),
    Category(
        "Jeans", 1_120, 880, 84, 0.55, 0.53,
        ("Skinny Jean", "Straight Jean", "Boot Jean"),
        ("Straight Jean", "Slim Jean", "Carpenter Jean"),
    ),
    Category("Jumpsuits & Rompers", 160, 0, 40, 0.50, 0.53, ("Jumpsuit", "Romper")),
    Category("Leggings", 560, 0, 22, 0.55, 0.60, ("Leggings", "Capri Leggings", "Jeggings")),
    Category("Maternity", 900, 0, 44, 0.55, 0.43, ("Nursing Top", "Maternity Dress")),
    Category("Outerwear & Coats", 620, 800, 115, 0.75, 0.44, ("Parka", "Trench Coat", "Raincoat")),
    Category("Pants", 0, 1_060, 54, 0.50, 0.46, ("Chino", "Cargo Pant", "Twill Trouser")),
    Category("Pants & Capris", 610, 0, 52, 0.50, 0.40, ("Capri", "Wide-Leg Pant", "Ankle Pant")),
    Category("Plus", 870, 0, 36, 0.50, 0.45, ("Plus Size Tunic", "Plus Size Skirt")),
    Category("Shorts", 610, 1_150, 40, 0.45, 0.50, ("Cargo Short", "Board Short", "Denim Short")),
    Category("Skirts", 366, 0, 40, 0.55, 0.40, ("Pencil Skirt", "Pleated Skirt", "Mini Skirt")),
    Category(
        "Sleep & Lounge", 870, 900, 40, 0.60, 0.48,
        ("Pajama Set", "Robe", "Nightgown"), ("Pajama Set", "Robe", "Lounge Pant"),
    ),
    Category("Socks", 0, 905, 16, 0.55, 0.40, ("Crew Socks", "Dress Socks", "Ankle Socks")),
    Category("Socks & Hosiery", 663, 0, 14, 0.55, 0.40, ("Tights", "Knee Socks", "Footies")),
    Category("Suits", 188, 0, 105, 0.50, 0.60, ("Pant Suit", "Skirt Suit")),
    Category("Suits & Sport Coats", 0, 740, 110, 0.65, 0.40, ("Two-Button Suit", "Sport Coat")),
    Category("Sweaters", 860, 880, 65, 0.65, 0.48, ("Cardigan", "Turtleneck", "V-Neck Sweater")),
    Category(
        "Swim", 1_120, 680, 46, 0.60, 0.49,
        ("Swimsuit", "Rash Guard", "Bikini Set"), ("Swim Trunk", "Board Short", "Rash Guard"),
    ),
    Category(
        "Tops & Tees", 950, 920, 36, 0.55, 0.45,
        ("Tee", "Tunic", "Blouse", "Tank Top"), ("Tee", "Polo", "Henley", "Button-Down Shirt"),
    ),
    Category("Underwear", 0, 1_088, 24, 0.45, 0.46, ("Boxer Brief", "Undershirt", "Trunk")),
)  # fmt: skip
# Most that a product's share of cost differs from its category's.
COST_SPREAD = 0.08
LEAST_CENTS, MOST_CENTS = 199, 99_900

# A brand is a first word and a second one.
FIRST_WORDS = (
    "Alder", "Amber", "Arden", "Aspen", "Birch", "Blythe", "Briar", "Calder", "Cedar", "Clover",
    "Copper", "Corvid", "Dahlia", "Dover", "Ember", "Fable", "Fennel", "Fern", "Flint", "Garnet",
    "Hazel", "Heron", "Indigo", "Ivory", "Juniper", "Kestrel", "Lark", "Linden", "Lumen", "Maple",
    "Marlow", "Meridian", "Nettle", "Ochre", "Onyx", "Osprey", "Pallas", "Quarry", "Quill", "Raven",
    "Rowan", "Saffron", "Sable", "Sorrel", "Talon", "Thistle", "Umber", "Vesper", "Willow", "Wren",
)  # fmt: skip
SECOND_WORDS = (
    "& Ash", "& Daughters", "& Finch", "& Oak", "& Rye", "& Sons", "Apparel", "Atelier", "Basics",
    "Clothing Co.", "Collective", "Denim", "Goods", "House", "Knitwear", "Lane", "Outfitters",
    "Row", "Standard", "Studio", "Supply", "Tailors", "Thread", "Wardrobe", "Works",
)  # fmt: skip
# A few brands have most of the products: a uniform number is raised to this power.
BRAND_SKEW = 2.0
# Words before the article, which fit its material and use.
_GENERAL = ("Classic", "Vintage", "Signature", "Everyday", "Essential", "Heritage")
_LIGHT = ("Printed", "Striped", "Embroidered", "Organic Cotton", "Linen", "Relaxed", "Soft")
_KNITTED = ("Merino", "Cable-Knit", "Ribbed", "Striped", "Textured", "Cotton", "Chunky")
_DENIM = ("Washed", "Stretch", "Slim", "Relaxed", "Distressed", "Dark Rinse", "Faded")
_TAILORED = ("Tailored", "Slim Fit", "Modern Fit", "Pinstripe", "Textured", "Wool", "Stretch")
_OUTER = ("Quilted", "Waterproof", "Lightweight", "Hooded", "Belted", "Insulated", "Packable")
_WET = ("Printed", "Striped", "Quick-Dry", "Tropical", "Solid", "Color-Block", "Retro")
_ACTIVE = ("Stretch", "Quick-Dry", "Lightweight", "Mesh", "Seamless", "Reflective", "Training")
_SOFT = ("Cotton", "Soft", "Modal", "Stretch", "Seamless", "Striped", "Printed")
_LEGS = ("Slim", "Relaxed", "Stretch", "Cotton", "Washed", "Pleated", "Lightweight")
_OF_KIND = {
    _KNITTED: ("Sweaters", "Fashion Hoodies & Sweatshirts"),
    _DENIM: ("Jeans",),
    _TAILORED: ("Suits", "Suits & Sport Coats", "Blazers & Jackets"),
    _OUTER: ("Outerwear & Coats",),
    _WET: ("Swim",),
    _ACTIVE: ("Active",),
    _SOFT: (
        "Intimates", "Leggings", "Maternity", "Sleep & Lounge", "Socks", "Socks & Hosiery",
        "Underwear",
    ),
    _LEGS: ("Pants", "Pants & Capris", "Shorts"),
    ("Woven", "Two-Tone", "Striped", "Textured", "Reversible", "Slim"): ("Accessories",),
}  # fmt: skip
_STYLES = {name: words for words, names in _OF_KIND.items() for name in names}
# The words of each category.
STYLES = [(*_GENERAL, *_STYLES.get(category.name, _LIGHT)) for category in CATEGORIES]
