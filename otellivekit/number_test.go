// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import "testing"

func TestWithoutNumber(t *testing.T) {
	for in, want := range map[string]string{
		"sip_+14155550123":                     "sip_[REDACTED:phone]",
		"sip_14155550123":                      "sip_[REDACTED:phone]",
		"sip_1001":                             "sip_[REDACTED:phone]",
		"sip_alice":                            "sip_alice",
		"+14155550123":                         "[REDACTED:phone]",
		"call-_+14155550123_ab12":              "call-_[REDACTED:phone]_ab12",
		"call-_14155550123_ab12":               "call-_[REDACTED:phone]_ab12",
		"call-_004915112345678_ab12":           "call-_[REDACTED:phone]_ab12",
		"call-_015112345678_Xy9":               "call-_[REDACTED:phone]_Xy9",
		"call-_14155550123":                    "call-_[REDACTED:phone]",
		"inbound+4930901820to+493090182":       "inbound[REDACTED:phone]to[REDACTED:phone]",
		"Gespräch_+14155550123_ü":              "Gespräch_[REDACTED:phone]_ü",
		"":                                     "",
		"call-4711":                            "call-4711",
		"caller":                               "caller",
		"room_20261128_2":                      "room_20261128_2",
		"room_1715000000_ab":                   "room_1715000000_ab",
		"room_1715000000123_ab":                "room_1715000000123_ab",
		"call-14155550123":                     "call-14155550123", // The text's rules decide about others.
		"booking_4711_x":                       "booking_4711_x",
		"a1234567890b":                         "a1234567890b",
		"id_0123456789012345678901":            "id_0123456789012345678901",
		"x+5":                                  "x+5",
		"f47ac10b-58cc-4372-a567-0e02b2c3d479": "f47ac10b-58cc-4372-a567-0e02b2c3d479",
	} {
		got := withoutNumber(in)
		if got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if again := withoutNumber(got); again != got {
			t.Errorf("%q became %q the second time", got, again)
		}
	}
}

func TestWithoutDigits(t *testing.T) {
	for _, tt := range []struct{ name, number, want string }{
		{"desk-5550123-x", "555-0123", "desk-[REDACTED:phone]-x"},
		{"desk-+15550123-x", "+1 555 0123", "desk-[REDACTED:phone]-x"},
		{"desk-4711", "4711", "desk-4711"},
		{"desk-4711", "", "desk-4711"},
		{"desk", "+15550123", "desk"},
	} {
		if got := withoutDigits(tt.name, tt.number); got != tt.want {
			t.Errorf("%q without %q is %q, want %q", tt.name, tt.number, got, tt.want)
		}
	}
}

func FuzzWithoutNumber(f *testing.F) {
	for _, name := range []string{"sip_+14155550123", "call-_+14155550123_ab12", "++1", "_123456789_", "é+123456"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if once := withoutNumber(name); withoutNumber(once) != once {
			t.Errorf("%q became %q, and that something else", name, once)
		}
	})
}
