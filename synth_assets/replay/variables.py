"""The variables that targets read; they are secrets, which the environment alone may have."""

# The bearer token of the receiver of --to http.
TOKEN = "SYNTH_REPLAY_TOKEN"
# What begins the variables of Kafka's client; SASL_PASSWORD after it is sasl.password.
KAFKA_PREFIX = "SYNTH_KAFKA_"
