// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package recording compares what telemetry tells of a call with a recording of its sound.
//
// Stability: experimental; may change in a minor release.
//
// [Measure] reads a stereo WAV file, the user on the left and the agent on the right, and finds where
// each side really speaks. [Compare] matches the turns that telemetry tells with it: the response
// latency with the silence between the two voices, the stop time of a barge-in, overlap and dead air.
// The [Report] has a row for each turn and the distribution of the differences.
//
//	sound, err := recording.Measure(file)
//	…
//	report, err := recording.Compare(turns, sound, start)
//	…
//	fmt.Print(report)
//	if err := report.Check(recording.Tolerance{}); err != nil { … }
//
// In a test, voicetest.VerifyRecording does all of it. Turns are plain values, so they can come from anywhere:
// [TurnOf] makes one of the attributes and events of a span. The command otelvoice verify reads them from files of
// log lines and spans.
//
// # Accuracy
//
// The edges of speech are found to within 5 ms in a clean recording, and to within 10 ms if the speech is
// 20 dB louder than the noise. Below 15 dB, quiet syllables at an edge are lost in the noise. Sound is
// speech if it is longer than 50 ms and louder than the noise around it: music and the echo of the other
// side count, so record the two sides before they are mixed. Pauses of up to 250 ms are part of speech.
//
// A start that is wrong by some constant does not change latencies, because both ends of each move
// together. [Report.Shift] shows it.
package recording
