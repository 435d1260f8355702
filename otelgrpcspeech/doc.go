// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otelgrpcspeech instruments streaming recognisers that speak gRPC: Google Cloud Speech-to-Text and NVIDIA Riva.
// [StreamClientInterceptor] is an option of the connection:
//
//	client, err := speech.NewClient(ctx, option.WithGRPCDialOption(
//		grpc.WithChainStreamInterceptor(otelgrpcspeech.StreamClientInterceptor())))
//	stream, err := client.StreamingRecognize(ctx)
//
// Of Google it reads v1, v1p1beta1 and v2. [WithMethod] adds services that have the same messages.
//
// A stream is recorded by the context it is made with. In that of a [voicews.Call] the call makes the turns, and a stream that takes the
// place of one that broke goes on with its telemetry. In that of a session without a call, each stream is an [otelvoice.STTStream], and an
// utterance belongs to the newest turn that the program has open; if there is none, the utterance starts a turn, which ends when the next
// utterance begins or the stream ends. In another context nothing is recorded.
//
// # What is read
//
// Messages are read by protobuf reflection, by the names of their fields. The package imports no vendor's package, and takes messages of
// any package that is made with google.golang.org/protobuf, and of dynamicpb. A field that is missing or of another type is unknown. A
// message of another kind, as a codec of the program may have, is counted in voice.stream.not_understood.count.
//
//   - The first request has the model, the language and the format of the audio. If v2 names no model, its recognizer's ID is the model. If
//     the format is in a header of the audio or in the recognizer, it is unknown, and no offset is converted to a time.
//   - Requests with audio are the clock that offsets are converted by. See [otelvoice.STTStream].
//   - Responses have the transcripts, the offsets of words, the confidence, the language, the events of speech, the billed time and the
//     request ID. A confidence of 0 is unknown, and so is one above 1, because Riva does not normalise it.
//
// # Rules
//
// A final result ends its utterance and commits the user's turn: these recognisers finalise at a pause. If the user goes on before the
// agent is heard, the call goes on with the same turn and commits it again. SPEECH_ACTIVITY_BEGIN says that the user speaks.
// END_OF_SINGLE_UTTERANCE and SPEECH_ACTIVITY_END commit nothing, because the final result follows them. Partial results with no word
// make no utterance.
//
// The end of the user's speech is that of the last word. Ask for the offsets of words (enable_word_time_offsets): without them it is the
// offset of SPEECH_ACTIVITY_END, if that comes before the final result. That is the time at which the server noticed the end, so that
// the latency is shorter by the detector's silence. Else the end is unknown, and the turn has no response latency:
// result_end_time and Riva's audio_processed are how much audio was read, with the silence in it.
//
// A stream that ends with [io.EOF] is complete. One that ends with a status failed, with the name of its code as error.type, such as
// OUT_OF_RANGE for Google's limit of five minutes. One whose context the program cancelled is abandoned.
//
// # Cost
//
// The interceptor changes, delays and holds no message, starts no goroutine, and allocates nothing for a request with audio. A stream that
// the program neither cancels nor reads to its end is recorded when the call or the session ends.
//
// Unary calls such as Recognize are not recorded. [otelvoice.Turn.StartSTT] makes a stage of one.
//
// Stability: experimental; may change in a minor release.
//
// The package is a module of its own, so that only its users depend on gRPC.
package otelgrpcspeech
