"""Tests of the model that predicts account tiers."""
