// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package transcript

import "strings"

// LanguageTag returns the BCP 47 tag of a language. OpenAI's verbose_json names languages in English,
// as Whisper does: "german". Any other text is taken for a tag.
func LanguageTag(name string) string {
	name = strings.TrimSpace(name)
	const maxTag = 35 // RFC 5646, 4.4.1.
	if tag, ok := tagOf(strings.ToLower(name)); ok {
		return tag
	}
	return strings.Clone(name[:min(len(name), maxTag)])
}

// whisperLanguages are the languages of Whisper with their tags.
const whisperLanguages = "en:english zh:chinese de:german es:spanish ru:russian ko:korean fr:french ja:japanese " +
	"pt:portuguese tr:turkish pl:polish ca:catalan nl:dutch ar:arabic sv:swedish it:italian id:indonesian hi:hindi " +
	"fi:finnish vi:vietnamese he:hebrew uk:ukrainian el:greek ms:malay cs:czech ro:romanian da:danish hu:hungarian " +
	"ta:tamil no:norwegian th:thai ur:urdu hr:croatian bg:bulgarian lt:lithuanian la:latin mi:maori ml:malayalam " +
	"cy:welsh sk:slovak te:telugu fa:persian lv:latvian bn:bengali sr:serbian az:azerbaijani sl:slovenian kn:kannada " +
	"et:estonian mk:macedonian br:breton eu:basque is:icelandic hy:armenian ne:nepali mn:mongolian bs:bosnian kk:kazakh " +
	"sq:albanian sw:swahili gl:galician mr:marathi pa:punjabi si:sinhala km:khmer sn:shona yo:yoruba so:somali " +
	"af:afrikaans oc:occitan ka:georgian be:belarusian tg:tajik sd:sindhi gu:gujarati am:amharic yi:yiddish lo:lao " +
	"uz:uzbek fo:faroese ht:haitian_creole ps:pashto tk:turkmen nn:nynorsk mt:maltese sa:sanskrit lb:luxembourgish " +
	"my:myanmar bo:tibetan tl:tagalog mg:malagasy as:assamese tt:tatar haw:hawaiian ln:lingala ha:hausa ba:bashkir " +
	"jv:javanese su:sundanese yue:cantonese "

func tagOf(name string) (tag string, ok bool) {
	before, _, ok := strings.Cut(whisperLanguages, ":"+strings.ReplaceAll(name, " ", "_")+" ")
	if !ok || name == "" {
		return "", false
	}
	return before[strings.LastIndexByte(before, ' ')+1:], true
}
