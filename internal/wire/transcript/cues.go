// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"bytes"
	"strconv"
	"time"
)

// Cues reads a transcript that is a text, or subtitles in SRT or WebVTT.
type Cues struct {
	into *Transcript
	// isTimed is true if the text holds cues: subtitles were asked for, or the text begins with
	// "WEBVTT".
	isTimed bool
	line    []byte
	first   bool // No line was read.
	inCue   bool // The lines up to the next empty line are the text of a cue.
}

// maxCueLine is how many bytes of a line of subtitles are kept.
const maxCueLine = 1 << 10

// NewCues returns a reader that adds the text to a transcript. isTimed is true if the text holds cues.
// If it is false, a text that begins with "WEBVTT" holds cues.
func NewCues(into *Transcript, isTimed bool) *Cues {
	return &Cues{into: into, isTimed: isTimed, first: true}
}

// Scan reads a piece of the text.
func (c *Cues) Scan(p []byte) {
	for len(p) > 0 {
		if !c.isTimed && !c.first {
			c.into.Add(p)
			return
		}
		piece, rest, isWhole := bytes.Cut(p, []byte("\n"))
		before := len(c.line)
		c.line = append(c.line, piece[:min(len(piece), maxCueLine-len(c.line))]...)
		if !c.isTimed && !bytes.HasPrefix([]byte(webVTT), c.line[:min(len(c.line), len(webVTT))]) { // A text.
			c.first = false
			c.into.Add(c.line[:before])
			c.line = c.line[:0]
			continue
		}
		if !isWhole {
			return
		}
		c.endLine()
		p = rest
	}
}

// webVTT is the first line of WebVTT.
const webVTT = "WEBVTT"

// End reads the end of the text.
func (c *Cues) End() {
	switch {
	case c.isTimed:
		c.endLine()
	case c.first: // A text so short that it may have been the start of "WEBVTT".
		c.into.Add(c.line)
	}
}

// endLine reads a line of subtitles.
func (c *Cues) endLine() {
	line := bytes.TrimSpace(c.line)
	c.line = c.line[:0]
	if c.first && !c.isTimed {
		c.isTimed = string(line) == webVTT || bytes.HasPrefix(line, []byte(webVTT+" "))
		if !c.isTimed { // A text that begins like WebVTT.
			c.into.Add(append(line, '\n'))
		}
	}
	c.first = false
	from, to, isTiming := bytes.Cut(line, []byte("-->"))
	switch {
	case isTiming:
		var s Segment
		s.Start, s.HasOffsets = clock(from)
		s.End, _ = clock(to)
		c.into.EndSegment(&s)
		c.inCue = true
	case len(line) == 0:
		c.inCue = false
	case c.inCue:
		if c.into.size > 0 {
			c.into.Add([]byte(" "))
		}
		c.into.Add(line)
	}
}

// clock reads a time: "00:00:04,320" of SRT, "00:04.320" of WebVTT.
func clock(text []byte) (d time.Duration, ok bool) {
	fields := bytes.Fields(text) // WebVTT has settings behind the end.
	if len(fields) == 0 {
		return 0, false
	}
	total := 0.0
	for part := range bytes.SplitSeq(bytes.Replace(fields[0], []byte(","), []byte("."), 1), []byte(":")) {
		n, err := strconv.ParseFloat(string(part), 64)
		if err != nil || n < 0 {
			return 0, false
		}
		total = total*60 + n
	}
	return Seconds(total), true
}
