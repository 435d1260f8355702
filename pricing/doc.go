// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package pricing computes what requests to providers of speech and language models cost, from a list of prices
// that the program supplies. It has no prices of its own: they change, and most users have others than the public
// ones.
//
// Stability: experimental; may change in a minor release.
//
// Package pricefile reads a [List] from a file. Package otelvoice records the cost of stages, turns and sessions
// if it has a list; see otelvoice.WithPrices.
//
// # Which price applies
//
// A [Price] names a provider, a model and a unit. The model is a name, or a prefix and an asterisk: "acme-chat-*"
// is every model whose name begins with "acme-chat-", and "*" is every model of the provider. All prices of a
// request are those of one model in the list: the first that has a price at the time of the request out of
//
//  1. the name of the model that answered,
//  2. the name of the model that was asked for,
//  3. the longest prefix of the model that answered,
//  4. the longest prefix of the model that was asked for.
//
// A price is valid from [Price.ValidFrom] until [Price.ValidUntil], or until the next price for the same provider,
// model and unit is valid.
//
// # What is charged
//
// A model is charged by tokens, by characters, by seconds of audio that is sent to it, by seconds of audio that it
// sends, by requests, or by several of them: those for which it has a price. If it has a price for any token, every
// kind of token that the request used needs one.
//
// Each token is charged once. The units of input tokens divide the input, and those of output tokens the output:
//
//	input_token                 all other input
//	cached_input_token          text that was read from the cache
//	cache_write_token           input that was written to the cache
//	audio_input_token           audio that was not read from the cache
//	cached_audio_input_token    audio that was read from the cache
//	output_token                all other output, with the reasoning unless it has its own price
//	audio_output_token          audio
//	reasoning_token             reasoning
//
// [Tokens] has the counts as gen_ai.usage.* does: cached tokens are a part of the input tokens. OpenAI and Gemini
// report them so; Anthropic's reports are converted by otelvoice.UsageAnthropic. Images are not counted apart. They
// are charged as input_token.
//
// # What is unknown
//
// A cost is unknown if the model has no price, if a part of the usage has none, or if a part that has a price was
// not measured. An unknown cost is an error of [List.Cost] and never 0. A price of 0 is known.
//
// # Precision
//
// Prices are exact fractions. The cost for each unit is rounded to a billionth of the currency's unit, half up, and
// sums of an [Amount] are exact. Amounts in several currencies are not added up.
package pricing
