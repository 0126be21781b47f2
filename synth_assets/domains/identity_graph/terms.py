"""Values of the identity graph's enumerations (brackets, levels, types, segments), in order."""

from __future__ import annotations

INCOME_BRACKETS = ("<30K", "30-60K", "60-100K", "100-150K", "150K+")
HOUSING_TYPES = ("house", "apartment", "condo", "other")
GENDERS = ("Male", "Female", "Non-Binary", "Prefer not to say")
EDUCATION = (
    "Less than High School", "High School", "Some College", "Associate", "Bachelor", "Master",
    "Doctorate",
)  # fmt: skip
EMPLOYMENT = (
    "Employed Full-Time", "Employed Part-Time", "Self-Employed", "Unemployed", "Retired", "Student",
)  # fmt: skip
IDENTIFIERS = ("email_hash", "cookie_id", "mobile_ad_id", "device_id", "ctv_id", "hashed_phone")
EVENTS = ("view", "click", "share", "like", "comment")
DEVICES = ("mobile", "desktop", "tablet", "ctv")
CATEGORIES = (
    "Technology", "Sports", "Entertainment", "News", "Lifestyle", "Finance", "Education",
)  # fmt: skip
# Segment of people with most engagements in a category, in the order of the categories.
SEGMENT_OF = (
    "Tech Enthusiast", "Sports Fan", "Entertainment Seeker", "News Junkie", "Lifestyle Enthusiast",
    "Finance Follower", "Learner",
)  # fmt: skip
CASUAL = "Casual User"
SEGMENTS = (*SEGMENT_OF, CASUAL)
BEHAVIORS = ("Heavy", "Moderate", "Light User", "Churned")
CHANNELS = ("email", "social", "display", "video", "ctv")
# Placements of each channel, and what a thousand impressions cost there, in US cents.
PLACEMENTS = {
    "email": ("Newsletter", "Promotional", "Transactional"),
    "social": ("Feed", "Story", "Sidebar"),
    "display": ("Banner", "Skyscraper", "Rectangle"),
    "video": ("Pre-roll", "Mid-roll", "Post-roll"),
    "ctv": ("Commercial Break", "Pause Ad", "Overlay"),
}
COST_PER_MILLE = {"email": 500, "social": 1_000, "display": 1_500, "video": 2_000, "ctv": 2_500}
GOALS = ("awareness", "consideration", "conversion")
RESPONSES = ("click", "visit", "engagement", "conversion")
STATUSES = ("converted", "engaged", "no_action")
MODELS = ("first_touch", "last_touch", "linear", "time_decay")
PATTERNS = ("uniform", "daily", "weekly", "seasonal")
STATES = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA",
    "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM",
    "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA",
    "WV", "WI", "WY",
)  # fmt: skip
