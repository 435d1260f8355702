// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package pricefile reads the prices of providers from a file in YAML or JSON. It is apart from package pricing, so
// that programs without a price file do not link a YAML decoder.
//
// Stability: experimental; may change in a minor release.
//
// The file is a mapping with one key, prices, which is a list. These names and prices are invented:
//
//	prices:
//	  - {provider: acme, model: acme-chat-*, unit: input_token,        price: 0.40, per: 1000000, currency: USD, valid_from: 2026-01-01}
//	  - {provider: acme, model: acme-chat-*, unit: cached_input_token, price: 0.10, per: 1000000, currency: USD, valid_from: 2026-01-01}
//	  - {provider: acme, model: acme-chat-*, unit: output_token,       price: 1.60, per: 1000000, currency: USD, valid_from: 2026-01-01}
//	  - {provider: acme, model: acme-hear,   unit: input_audio_minute, price: 0.006, currency: USD, round_up: 1s, minimum: 10s}
//	  - {provider: acme, model: acme-say,    unit: character,          price: 15, per: 1000000, currency: USD}
//
// The keys of a price are:
//
//	provider     the provider, as gen_ai.provider.name has it
//	model        the name of a model, or a prefix with an asterisk at its end; quote it if it begins with the asterisk
//	unit         what the price is for: one of the units of package pricing
//	price        a decimal number of 0 or more, such as 0.15 or 1.5e-07
//	per          how many units the price is for; the default is 1
//	currency     a code of ISO 4217, such as USD
//	valid_from   the first day or time of the price: 2026-01-01 is midnight in UTC, others are as RFC 3339;
//	             the default is always
//	valid_until  the first day or time at which the price is no longer valid; the default is when the next
//	             price for the same provider, model and unit is valid
//	round_up     of audio: the duration is rounded up to a multiple of this one, such as 15s
//	minimum      of audio: the least duration that is charged
//
// All but per, the dates, round_up and minimum are required. Package pricing says which price applies.
//
// An unknown key, a value that is not valid, two prices for the same unit at the same time, and two currencies for
// one model are errors. So are YAML's anchors, aliases and several documents in a file. The error names the file, the
// line, the value and the remedy, for up to 10 mistakes. A file has at most 4 MiB and 20,000 prices.
package pricefile
