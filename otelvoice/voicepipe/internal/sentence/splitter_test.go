// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sentence

import (
	"slices"
	"strings"
	"testing"
)

// split splits a text that arrives in pieces of size bytes.
func split(text string, size int) (got []string) {
	var s Splitter
	for piece := range slices.Chunk([]byte(text), size) {
		got = append(got, s.Add(string(piece))...)
	}
	if last := s.Rest(); last != "" {
		got = append(got, last)
	}
	return got
}

// The sentences of a text are separated by |.
func TestSentences(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"one", "Yes, of course."},
		{"two", "We open at five. |See you then!"},
		{"short", "Yes. |We do. |Hi! |Sure."},
		{"decimals", "It is 3.5 miles. |Far."},
		{"price", "That is $3.50. |Anything else?"},
		{"version", "Use v1.2.3. |It works."},
		{"address", "See example.com/a?b=c!d for more. |Then call."},
		{"mail", "Write to a.b@example.org. |Thanks."},
		{"time", "We open at 19:30. |Anything else?"},
		{"number", "Your room is number 12. |Breakfast is at seven."},
		{"year", "It opened in 2024. |People like it."},

		{"title", "You will see Dr. Johnson at nine. |Please be early."},
		{"titles", "Mr. and Mrs. Smith met Prof. Lee. |They left."},
		{"saint", "Meet me at St. James Park. |Go now."},
		{"street", "It is on Main St. |The door is red."},
		{"initials", "J. R. R. Tolkien wrote it. |Read it."},
		{"e.g.", "Bring fruit, e.g. Apples or i.e. Pears. |Thanks."},
		{"country", "The U.S. Embassy is closed. |Call later."},
		{"clock", "We open at 9 a.m. Monday to Friday. |Come by."},
		{"clock at the end", "We open at 9 a.m. |Would you like a table?"},
		{"number sign", "You are in No. 5 Suite East. |Enjoy."},
		{"no", "No. |We are closed."},
		{"month", "Come on Jan. 5 Monday. |Bye."},
		{"degree", "She has a Ph.D. in law. |He has none."},
		{"company", "Ask Smith Inc. Europe. |They know."},
		{"unknown before a small letter", "It takes appr. ten minutes. |Wait."},
		{"king", "It was built by Charles IV. Habsburg. |Look."},
		{"German", "Sie kommen z. B. Am 3. Mai, d. h. Samstag. |Bis dann."},
		{"German ordinals", "Ihr Zimmer ist im 2. Stock. |Der 19. Jahrgang bzw. Der 20. Jahrgang fehlt. |Gut."},
		{"French", "M. Dupont arrive. |Bonjour ! |Ça va ?"},
		{"French, no-break space", "Voilà MM.\u00a0Dupont et Durand. |Bonjour\u202f! |Ça va\u00a0?"},
		{"French, a quotation", "« Bonjour ! |Ça va ? » Il part. |Fin."},
		{"French, a quotation goes on", "Il a dit « Bonjour ! » puis il est parti. |Fin."},
		{"German, a quotation", "Er sagte »Gut?« und ging. |Ende."},
		{"German, numbers", "Das sind 3 Std. Fahrt und 2 Mio. Euro. |Gut."},
		{"Spanish, plurals", "EE. UU. y los FF. CC. son grandes. |Sí."},
		{"Spanish, a clock at the end", "Nos vemos a las 3 p. m. |¿Le viene bien?"},
		{"Italian", "La prof.ssa Rossi arriva. |Ciao."},
		{"Dutch", "Bijv. Amsterdam is mooi. |Ja."},
		{"Danish, without vowels", "Ring på tlf. 12 34 56, vi ses kl. 9. |Hej då."},
		{"Turkish", "Çiçek Sok. No. 5 burası. |Evet."},
		{"Japanese, a quotation goes on", "「はい。」と彼は言った。|『ノー。』という映画です。|はい。"},
		{"Japanese, a quotation", "「はい。」|次の文です。"},
		{"Chinese, brackets", "你好。|（请稍等）我在查。|“好的。”|再见。"},
		{"not an abbreviation", "Here is the PDF. |Read it."},
		{"Spanish", "¿Qué tal? |¡Hola! |El Sr. García espera."},
		{"Russian", "Это А. С. Пушкин, ул. Ленина, д. 5. |До встречи."},

		{"ellipsis", "Well… |let me see."},
		{"three points", "Well... |Let me see... if we can."},
		{"quotation", "He said “Go.” |Then he left."},
		{"straight quotation", `He said "Go." |Then he left.`},
		{"question in a quotation", `"Really?" she asked. |"Yes!" |"Good."`},
		{"brackets", "We do (on Mondays.) |Come by."},
		{"several marks", "Really?! |Yes!!! |Good."},
		{"emoji", "Great! |😀 See you."},
		{"emoji at once", "Great!👍🏽 |See you.✅ |Bye."},
		{"emphasis", "**Great.** |See *you.* |Bye."},
		{"list", "1. Book a table.\n|2. The menu.\n|3. Pay."},
		{"bullets", "You can:\n|- eat\n|- drink\n|\n* * *\nGood."},
		{"lines", "First line\n|Second line\r\n|Third."},

		{"Hindi", "नमस्ते। |मैं आपकी मदद कर सकता हूँ। |कहिए"},
		{"Hindi title", "डॉ. शर्मा आएँगे। |ठीक है।"},
		{"Arabic", "هل تريد طاولة؟ |نعم، شكرا. |مع السلامة"},
		{"Arabic title", "د. أحمد هنا الآن. |شكرا."},
		{"Urdu", "جی ہاں۔ |میز خالی ہے۔ |شکریہ"},
		{"Armenian", "Բարեւ ձեզ։ |Սեղանը ազատ է։ |Այո"},
		{"Greek", "Θέλετε τραπέζι; |Ναι\u037e |Ωραία."},
		{"Chinese", "你好。|再见！|好吗？|好"},
		{"Chinese quotation", "他说：“你好。”|然后走了。"},
		{"Chinese, marks of ASCII", "你好!|再见."},
		{"Japanese", "「こんにちは。」|お元気ですか？！|はい。"},
		{"Korean", "네. |알겠습니다. |감사합니다."},
		{"Khmer", "សួស្តី។ |អរគុណ។"},
		{"Tibetan", "བཀྲ་ཤིས། |བདེ་ལེགས།"},
		{"Burmese", "မင်္ဂလာပါ။ |ကျေးဇူးတင်ပါတယ်။"},
		{"Amharic", "ሰላም። |አመሰግናለሁ።"},
		{"Mongolian", "ᠰᠠᠢᠨ᠃ |ᠲᠠ"},
		{"Thai", "สวัสดีค่ะ ยินดีต้อนรับสู่โรงแรม |คุณต้องการจองห้องไหม"},
		{"Thai abbreviation", "พบ ดร. สมชาย"},

		{"nothing", " \n "},
		{"invalid UTF-8", "a\xff. |B\xe2"},
		{"no end", strings.Repeat("word ", 80) + "|" + strings.Repeat("word ", 10)},
		{"no space", strings.Repeat("x", 500)},
		{"no space for long", strings.Repeat("x", 4000) + "|x"},
		{"Chinese, no end", strings.Repeat("好，", 67) + "|" + strings.Repeat("好，", 3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.Split(tt.want, "|")
			text := strings.ReplaceAll(tt.want, "|", "")
			for _, size := range []int{1, 2, 3, 7, len(text)} {
				if got := split(text, size); !slices.Equal(got, want) {
					t.Errorf("in pieces of %d\ngot  %q\nwant %q", size, got, want)
				}
			}
		})
	}
}

// Splitter returns the first sentence with the last piece but one, which decides its end.
func TestSentenceIsKnownEarly(t *testing.T) {
	for _, tt := range []struct{ name, pieces string }{
		{"at the space", "Good evening. |Wel"},
		{"at the capital", "It is at five.| W|elcome"},
		{"at the space after !", "Hi! |Wel"},
		{"at the end of the line", "Hi\n|Wel"},
		{"Hindi", "नमस्ते। |मैं"},
		{"Hindi, with the space in the next token", "नमस्ते।| |मैं"},
		{"Urdu", "جی۔ |میز"},
		{"Arabic", "طاولة؟ |نعم"},
		{"Armenian", "ձեզ։ |Սե"},
		{"Chinese, at the next character", "你好。|再|见"},
		{"p.m., after the next word", "At 9 p.m.| |Would| |you"},
		{"p.m., at the name", "At 9 p.m. Wednes|day. |Then"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pieces := strings.Split(tt.pieces, "|")
			var s Splitter
			for i, piece := range pieces[:len(pieces)-1] {
				ended := s.Add(piece)
				if known := i == len(pieces)-2; known != (len(ended) > 0) {
					t.Fatalf("after %q: %q", piece, ended)
				}
			}
		})
	}
}

// The sentences do not depend on the pieces, and their concatenation is the text.
func FuzzSentences(f *testing.F) {
	f.Add("Dr. Smith pays 3.50 at 9 p.m. The… “end.” See* 😀 你好。नमस्ते। No. 5\r\n- 1. May", 3)
	f.Add("สวัสดีค่ะ ยินดีต้อนรับสู่โรงแรม คุณ;Ναι; \xe2\x80", 1)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 1 || len(text) > 5_000 {
			return
		}
		got := split(text, size)
		if strings.Join(got, "") != text {
			t.Errorf("%q became %q", text, got)
		}
		if whole := split(text, len(text)+1); !slices.Equal(got, whole) {
			t.Errorf("in pieces of %d\ngot  %q\nwant %q", size, got, whole)
		}
		for _, s := range got {
			if len(s) > longestWord+4 {
				t.Errorf("a sentence of %d bytes", len(s))
			}
		}
	})
}
