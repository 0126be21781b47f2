"""What is sold: categories, kinds and articles, brands, and the words of product names."""

from __future__ import annotations

# Categories, the kinds of products in each, and the articles of each kind.
CATEGORIES = {
    "Electronics": {
        "Headphones": ("Headphones", "Earbuds", "Headset"),
        "Smartphones": ("Smartphone", "Phone", "5G Phone"),
        "Laptops": ("Laptop", "Notebook", "Ultrabook"),
        "Cameras": ("Camera", "Mirrorless Camera", "Action Camera"),
        "Wearables": ("Smartwatch", "Fitness Tracker", "Sports Watch"),
    },
    "Apparel": {
        "Shirts": ("Shirt", "Linen Shirt", "Polo Shirt"),
        "Dresses": ("Dress", "Wrap Dress", "Maxi Dress"),
        "Jackets": ("Jacket", "Rain Jacket", "Denim Jacket"),
        "Shoes": ("Sneakers", "Loafers", "Ankle Boots"),
        "Accessories": ("Belt", "Scarf", "Sunglasses"),
    },
    "Home": {
        "Kitchen": ("Saucepan", "Knife Set", "Coffee Maker"),
        "Bedding": ("Duvet Cover", "Sheet Set", "Quilt"),
        "Lighting": ("Table Lamp", "Floor Lamp", "Pendant Lamp"),
        "Furniture": ("Armchair", "Bookcase", "Side Table"),
        "Storage": ("Storage Box", "Laundry Basket", "Shoe Rack"),
    },
    "Beauty": {
        "Skincare": ("Face Cream", "Cleanser", "Face Serum"),
        "Makeup": ("Lipstick", "Foundation", "Mascara"),
        "Haircare": ("Shampoo", "Conditioner", "Hair Mask"),
        "Fragrance": ("Perfume", "Eau de Toilette", "Body Mist"),
        "Bath": ("Bath Salts", "Shower Gel", "Body Scrub"),
    },
    "Sports": {
        "Fitness": ("Yoga Mat", "Dumbbell Set", "Resistance Bands"),
        "Outdoor": ("Sleeping Bag", "Hiking Backpack", "Camping Stove"),
        "Cycling": ("City Bike", "Bike Trailer", "Turbo Trainer"),
        "Swimming": ("Swimsuit", "Swim Goggles", "Swim Fins"),
        "Team Sports": ("Football", "Basketball", "Volleyball"),
    },
}
KINDS = [(category, kind) for category, kinds in CATEGORIES.items() for kind in kinds]
ARTICLES = [articles for kinds in CATEGORIES.values() for articles in kinds.values()]
# Styles that suit a laptop as well as a lipstick.
ADJECTIVES = (
    "Classic", "Essential", "Premium", "Modern", "Everyday", "Signature", "Original", "Urban",
    "Studio", "Deluxe", "Coastal", "Heritage", "Nordic", "Bold", "Iconic", "Prime",
)  # fmt: skip
# Colours and finishes by which products of one brand, style and article differ; shades of makeup,
# and scents of other cosmetics.
VARIANTS = (
    "Black", "White", "Grey", "Navy", "Silver", "Sand", "Sage", "Rose", "Ivory", "Graphite",
    "Ocean", "Forest", "Amber", "Plum", "Slate", "Copper", "Mint", "Coral", "Pearl", "Indigo",
    "Olive", "Cream", "Ruby", "Teal", "Bronze", "Lilac", "Cocoa", "Honey", "Cobalt", "Blush",
    "Charcoal", "Ash",
)  # fmt: skip
SHADES = (
    "Ivory", "Porcelain", "Vanilla", "Beige", "Sand", "Honey", "Almond", "Caramel", "Toffee",
    "Chestnut", "Mocha", "Cocoa", "Espresso", "Ebony", "Nude", "Rosewood", "Blush", "Petal",
    "Peach", "Apricot", "Coral", "Berry", "Cherry", "Ruby", "Wine", "Plum", "Mauve", "Terracotta",
    "Cinnamon", "Copper", "Bronze", "Black",
)  # fmt: skip
SCENTS = (
    "Lavender", "Rose", "Jasmine", "Vanilla", "Coconut", "Almond", "Argan", "Aloe Vera",
    "Chamomile", "Green Tea", "Cucumber", "Mint", "Rosemary", "Eucalyptus", "Sea Salt", "Bergamot",
    "Orange Blossom", "Grapefruit", "Lemon", "Peach", "Fig", "Cherry Blossom", "Peony", "Magnolia",
    "Sandalwood", "Cedarwood", "Amber", "Musk", "Honey", "Oat Milk", "Shea", "Unscented",
)  # fmt: skip
VARIANTS_OF = [
    VARIANTS if category != "Beauty" else SHADES if kind == "Makeup" else SCENTS
    for category, kind in KINDS
]
# Brands of each category; few brands are in more than two.
BRANDS = {
    "Electronics": ("Northwind", "Lumen", "Kestrel", "Maris", "Corvid", "Halden", "Vela"),
    "Apparel": ("Alder & Ash", "Tundra", "Solveig", "Juniper", "Mistral", "Pinehurst", "Vela"),
    "Home": ("Northwind", "Lumen", "Orchard", "Alder & Ash", "Halden", "Quarry", "Brightwater"),
    "Beauty": ("Maris", "Solveig", "Orchard", "Juniper", "Mistral", "Brightwater", "Vela"),
    "Sports": ("Tundra", "Pinehurst", "Kestrel", "Corvid", "Quarry", "Brightwater", "Halden"),
}  # fmt: skip
# Brands of the retailer's own.
PRIVATE_LABELS = ("House Basics", "House Select")
