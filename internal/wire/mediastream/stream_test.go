// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package mediastream

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
)

func TestPayload(t *testing.T) {
	audio := bytes.Repeat([]byte{0xff, 0xfe, 0x7f}, 100)
	text := base64.StdEncoding.EncodeToString(audio)
	for _, tt := range []struct {
		name string
		text string
		size int
		ok   bool
	}{
		{"nothing", "", 0, true},
		{"whole groups", text, 300, true},
		{"one byte", "/w==", 1, true},
		{"two bytes", "//8=", 2, true},
		{"without padding", "//8", 2, true},
		{"the alphabet of URLs", "__8=", 2, true},
		{"lines", "//8A\r\n//8A", 6, true},
		{"a character too many", "AAAAA", 3, false},
		{"no base64", "**", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, isDecoded := range []bool{false, true} {
				p := payload{isDecoded: isDecoded}
				for _, piece := range []int{1, 7, 1000} {
					p.reset()
					for rest := tt.text; rest != ""; {
						n := min(piece, len(rest))
						p.piece([]byte(rest[:n]))
						rest = rest[n:]
					}
					size, data, ok := p.end()
					if size != tt.size || ok != tt.ok || isDecoded && len(data) != size {
						t.Errorf("decoded %v, in pieces of %d: %d bytes, %d of data, %v; want %d, %v", isDecoded, piece, size, len(data), ok, tt.size, tt.ok)
					}
				}
			}
		})
	}
}

func TestLongPayload(t *testing.T) {
	text := bytes.Repeat([]byte("AAAA"), 256<<10)
	p := payload{isDecoded: true}
	for range 2 {
		p.reset()
		p.piece(text)
		size, data, ok := p.end()
		if size != 768<<10 || len(data) != maxPayload/4*3 || !ok {
			t.Errorf("%d bytes, %d of data, %v", size, len(data), ok)
		}
	}
	if cap(p.text) > 2*maxPayload {
		t.Errorf("%d bytes are held", cap(p.text))
	}
}

func TestParameters(t *testing.T) {
	many := new(strings.Builder)
	for i := range 100 {
		fmt.Fprintf(many, `,"p%03d":"%s"`, i, strings.Repeat("é", 1000))
	}
	for _, tt := range []struct{ name, json, want string }{
		{"nothing", "", "map[]"},
		{"null", "null", "map[]"},
		{"an object", `{"a":"1","n":2.5,"b":true,"c":false,"o":{"x":1},"l":[],"z":null}`, "map[a:1 b:true c:false n:2.5]"},
		{"a list of names and values", `[{"name":"a","value":"1"},{"key":"b","value":2},{"value":"x"},7]`, "map[a:1 b:2]"},
		{"a member that is skipped", `{"event":"start","a":"1"}`, "map[a:1]"},
		{"Plivo's text", `"{X-PH-a: 1, X-PH-b: x:y}"`, "map[X-PH-a:1 X-PH-b:x:y]"},
		{"pairs", `"a=1,b=2,c"`, "map[a:1 b:2]"},
		{"JSON in a text", `"{\"a\":\"1,2\"}"`, "map[a:1,2]"},
		{"half of an object", `{"a":"1","b":`, "map[a:1]"},
		{"the first value counts", `{"a":"1","a":"2"}`, "map[a:1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p Parameters
			p.AddJSON([]byte(tt.json), "event")
			if got := fmt.Sprint(map[string]string(p)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	var p Parameters
	p.AddJSON([]byte(`{"first":1` + many.String() + `}`))
	if len(p) != maxParameters || p["p000"] != strings.Repeat("é", maxParameter/2) {
		t.Errorf("%d parameters, the value has %d bytes", len(p), len(p["p000"]))
	}
}

func TestFormatOf(t *testing.T) {
	for _, tt := range []struct {
		name string
		want wire.Format
	}{
		{"audio/x-mulaw", wire.Format{Codec: "pcm_mulaw", SampleRate: 16000}},
		{"audio/x-l16", wire.Format{Codec: "pcm_s16le", SampleRate: 16000}},
		{"PCMA", wire.Format{Codec: "pcm_alaw", SampleRate: 16000, Channels: 1}},
		{"L16", wire.Format{Codec: "pcm_s16le", SampleRate: 16000}},
		{"G722", wire.Format{Codec: "g722", SampleRate: 16000}},
		{"AMR-WB", wire.Format{Codec: "amr_wb", SampleRate: 16000}},
		{"OPUS", wire.Format{Codec: "opus", SampleRate: 16000}},
		{"", wire.Format{SampleRate: 16000}},
	} {
		if got := FormatOf(tt.name, 16000, 0); got != tt.want {
			t.Errorf("%q is %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestClock(t *testing.T) {
	var c clock
	for _, tt := range []struct {
		format wire.Format
		size   int
		want   string
	}{
		{wire.Format{Codec: "pcm_mulaw", SampleRate: 8000}, 160, "20ms"},
		{wire.Format{Codec: "pcm_s16le", SampleRate: 16000, Channels: 2}, 1280, "20ms"},
		{wire.Format{Codec: "g722", SampleRate: 8000}, 160, "20ms"},
		{wire.Format{Codec: "g722", SampleRate: 16000}, 160, "20ms"},
		{wire.Format{Codec: "opus", SampleRate: 48000}, 160, "0s"},
		{wire.Format{Codec: "pcm_s16le"}, 160, "0s"},
	} {
		c.set(tt.format)
		if got := c.duration(tt.size).String(); got != tt.want {
			t.Errorf("%d bytes of %+v are %s, want %s", tt.size, tt.format, got, tt.want)
		}
	}
}

func FuzzParameters(f *testing.F) {
	f.Add(`{"a":"1","n":2.5}`)
	f.Add(`[{"name":"a","value":"1"}]`)
	f.Add(`"{X-PH-a: 1, X-PH-b: 2}"`)
	f.Fuzz(func(t *testing.T, text string) {
		var p Parameters
		p.AddJSON([]byte(text))
		p.AddText(text)
		if len(p) > maxParameters {
			t.Errorf("%d parameters", len(p))
		}
		for name, value := range p {
			if len(name) > maxParameter || len(value) > maxParameter {
				t.Errorf("%q=%q is too long", name, value)
			}
		}
	})
}
