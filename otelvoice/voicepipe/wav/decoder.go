// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Parse returns the samples of a WAV file and their format. The samples share the file's
// memory if they are contiguous. A file that is shorter than its header claims is read to
// its end.
func Parse(file []byte) (f Format, samples []byte, err error) {
	var d Decoder
	if samples, err = d.Decode(file); err != nil {
		return f, nil, err
	}
	f, ok := d.Format()
	switch {
	case ok:
		return f, join(samples, d.Flush()), nil
	case !d.riff:
		return f, nil, errNoHeader
	}
	return f, nil, errors.New("wav: no data")
}

var errNoHeader = errors.New("wav: no WAV header: not a RIFF/WAVE file")

// A Decoder reads a WAV file that arrives in pieces. It buffers only the bytes of a header,
// whatever sizes the file claims. The zero Decoder is ready to use.
type Decoder struct {
	// AnyEncoding accepts formats that [Format.Check] rejects. The caller decodes their samples.
	AnyEncoding bool

	step step
	kept []byte // The bytes so far of the header that is being read.
	skip uint64 // How many bytes are skipped first.
	size uint64 // The size of the current chunk; of the data chunk, the rest.

	riff     bool
	riffEnd  uint64 // The offset of the end of the file by its header.
	position uint64
	data64   uint64 // The size of the data by a ds64 chunk.
	pad      uint64 // The padding after the data, up to an even offset.
	format   Format
	has      bool // The format was read.
	data     bool // The data has begun.
}

// step is the part that is read next.
type step uint8

const (
	readRIFF step = iota
	readChunk
	readFormat
	readSize64
	readData
	readEmpty // After data of size 0: another chunk, or samples.
)

const (
	riffSize   = 12
	chunkSize  = 8
	formatSize = 40 // Of the extensible format; the rest of the chunk is ignored.
	size64Size = 16
	// placeholder is the lowest size that is taken for unknown. It is more than ten
	// minutes of eight channels at 192 kHz.
	placeholder = 0x7fffff00
)

// Format returns the format of the samples, once they have begun.
func (d *Decoder) Format() (Format, bool) { return d.format, d.data }

// Decode reads the next piece of the file and returns its samples, which share its memory if
// they are contiguous. The samples of concatenated files are joined.
func (d *Decoder) Decode(piece []byte) (samples []byte, err error) {
	for len(piece) > 0 {
		if d.skip > 0 {
			n := min(d.skip, uint64(len(piece)))
			d.skip -= n
			d.position += n
			piece = piece[n:]
			continue
		}
		if d.step == readData {
			n := min(d.size, uint64(len(piece)))
			samples = join(samples, piece[:n])
			d.position += n
			piece = piece[n:]
			if d.size -= n; d.size == 0 {
				d.step, d.kept, d.skip = readChunk, d.kept[:0], d.pad
			}
			continue
		}
		from := piece
		n := min(d.wanted()-len(d.kept), len(piece))
		d.kept = append(d.kept, piece[:n]...)
		d.position += uint64(n)
		piece = piece[n:]
		if d.step == readRIFF {
			if err := d.checkRIFF(); err != nil {
				return nil, err
			}
		}
		if len(d.kept) < d.wanted() {
			continue
		}
		if d.step == readEmpty && !d.followed() {
			// The size of 0 was a placeholder, and these bytes are samples.
			piece, d.position = from, d.position-uint64(n)
			d.kept = d.kept[:len(d.kept)-n] // Of earlier pieces.
			samples = join(samples, d.Flush())
			continue
		}
		if err := d.header(); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// Flush returns the samples at the end of the file that Decode held back because they could
// be the start of a chunk after data of size 0. Bytes decoded later are samples, too.
func (d *Decoder) Flush() []byte {
	if d.step != readEmpty {
		return nil
	}
	held := d.kept
	d.step, d.size, d.kept = readData, math.MaxUint64, nil
	return held
}

// wanted is the number of bytes that the step needs.
func (d *Decoder) wanted() int {
	switch d.step {
	case readRIFF:
		return riffSize
	case readFormat:
		return int(min(d.size, formatSize))
	case readSize64:
		return size64Size
	case readChunk, readData, readEmpty:
	}
	return chunkSize
}

// checkRIFF rejects a file that is not a WAV file by its first bytes.
func (d *Decoder) checkRIFF() error {
	var form string
	if len(d.kept) > 8 {
		form = string(d.kept[8:])
	}
	id := string(d.kept[:min(len(d.kept), 4)])
	begins := func(s, whole string) bool { return s == whole[:len(s)] }
	if form != "" && !begins(form, "WAVE") || !begins(id, "RIFF") && !begins(id, "RF64") && !begins(id, "BW64") {
		return errNoHeader
	}
	return nil
}

// header parses a complete header.
func (d *Decoder) header() error {
	le := binary.LittleEndian
	kept := d.kept
	d.kept = d.kept[:0]
	switch d.step {
	case readRIFF:
		d.riff, d.data64, d.has = true, 0, false
		if size := le.Uint32(kept[4:]); size < placeholder {
			d.riffEnd = uint64(size) + chunkSize
		} else {
			d.riffEnd = 0
		}
		d.position = riffSize
		d.step = readChunk
	case readChunk, readEmpty:
		return d.chunk(string(kept[:4]), uint64(le.Uint32(kept[4:])))
	case readFormat:
		f := parseFormat(kept)
		if err := f.Check(); err != nil && !d.AnyEncoding {
			return err
		}
		d.format, d.has = f, true
		d.rest(uint64(len(kept)))
	case readSize64:
		d.data64 = le.Uint64(kept[8:])
		d.rest(size64Size)
	case readData:
	}
	return nil
}

// followed reports whether data of size 0 is followed by another chunk.
func (d *Decoder) followed() bool {
	id, size := string(d.kept[:4]), uint64(binary.LittleEndian.Uint32(d.kept[4:]))
	switch id {
	case "LIST", "fact", "JUNK", "PAD ", "bext", "id3 ", "ID3 ", "cue ", "RIFF":
		return true
	}
	named := strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ") == ""
	return named && d.position+size <= d.riffEnd
}

// rest skips the rest of a chunk and its padding.
func (d *Decoder) rest(read uint64) {
	d.step = readChunk
	d.skip = d.size - read + d.size%2
}

// chunk starts reading a chunk.
func (d *Decoder) chunk(id string, size uint64) error {
	d.size = size
	switch {
	case id == "fmt ":
		if size < 16 {
			return fmt.Errorf("wav: no usable fmt chunk: it has %d bytes", size)
		}
		d.step = readFormat
	case id == "ds64" && size >= size64Size:
		d.step = readSize64
	case id == "data":
		if !d.has {
			return errors.New("wav: data before its format: no usable fmt chunk")
		}
		d.step, d.data = readData, true
		switch {
		case size == math.MaxUint32 && d.data64 > 0:
			d.size = d.data64
		case size == 0:
			d.step = readEmpty
		case size >= placeholder:
			d.size = math.MaxUint64
		}
		d.pad = d.size % 2
	case d.data && (id == "RIFF" || id == "RF64" || id == "BW64"): // A concatenated file.
		d.step, d.riff = readRIFF, false
		d.kept = append(d.kept, id...)
		d.kept = binary.LittleEndian.AppendUint32(d.kept, uint32(size))
	default:
		d.rest(0)
	}
	return nil
}

// join appends the samples of a piece. It copies only if there are samples already.
func join(samples, piece []byte) []byte {
	if len(samples) == 0 {
		return slices.Clip(piece)
	}
	return append(samples, piece...)
}
