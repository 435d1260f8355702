// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

// number returns a number that is recognized by its form. Its words are its longer groups of digits, and the
// whole number.
func number(name, value string) Secret {
	s := bare(name, value)
	if s.Words[0] != value {
		s.Words = append(s.Words, value)
	}
	return s
}

// phoneSecrets are phone numbers, most of them reserved for fiction.
func phoneSecrets() []Secret {
	var list []Secret
	for _, n := range []string{
		"+14155550123", "+1 415 555 0123", "+1 (415) 555-0123", "+1-415-555-0123", "+1.415.555.0123", "+1 4155550123",
		"+49 30 901820", "+4930901820", "+49 (0)30 901820", "+49 (0) 30 / 901820", "+49-30-901820", "+4915112345678",
		"+44 20 7946 0958", "+442079460958", "+44 (0)20 7946 0958", "+33 6 12 34 56 78", "+33612345678", "+33 (0)6 12 34 56 78", "+33.6.12.34.56.78",
		"+91 98765 43210", "+81-90-1234-5678", "+5511912345678", "+358401234567",
		"tel:+1-201-555-0123", "0049 30 901820", "00442079460958",
	} {
		list = append(list, number("phone "+n, n))
	}
	list = append(list, bare("phone in a SIP identity", "sip_+14155550124", "4155550124"),
		bare("phone in the room of a call", "call-_+14155550125_ab12", "4155550125"))
	for _, country := range []struct {
		name    string
		numbers []string
	}{
		{"Germany", []string{"0151 12345678", "0151/12345678", "0151-12345678", "030 901820", "(030) 901820", "030/901820", "089 1234 5678", "0170 123 4567"}},
		{"Great Britain", []string{"07700 900123", "07700-900123", "07700 900 123", "020 7946 0958", "(020) 7946 0958", "0161 496 0123", "01632 960123"}},
		{"France", []string{"06 39 98 47 12", "06.39.98.47.13", "06-39-98-47-14", "01 99 00 47 11"}},
		{"America", []string{
			"(415)5552671", "(415) 555-2671", "(415) 555 2671", "(415)555-2671", "415-555-2671", "415.555.2671", "415 555 2671",
			"1-415-555-2671", "1 415 555 2671", "1 (415) 555-2671",
		}},
	} {
		for _, n := range country.numbers {
			list = append(list, number("phone of "+country.name+" "+n, n))
		}
	}
	return list
}

// OtherNumbers returns national phone numbers, by country, of countries that redaction does not support.
func OtherNumbers() map[string][]string {
	return map[string][]string{
		"Netherlands": {"06 12345678", "020 624 1111", "06-12345678"},
		"Switzerland": {"044 668 18 00", "079 123 45 67"},
		"Austria":     {"0664 1234567", "01 5123456"},
		"Spain":       {"612 345 678", "91 123 45 67"},
		"Italy":       {"347 123 4567", "06 698 12345"},
		"Sweden":      {"070-123 45 67", "08-123 456 78"},
		"Australia":   {"0412 345 678", "02 9876 5432", "(02) 9876 5432"},
		"India":       {"098765 43210", "98765 43210"},
		"Japan":       {"090-1234-5678", "03-1234-5678"},
		"Brazil":      {"(11) 91234-5678", "11 91234-5678"},
	}
}

// cardSecrets are the test numbers of the issuers.
func cardSecrets() []Secret {
	card := func(name, value string, words ...string) Secret {
		if len(words) == 0 {
			return number("card "+name, value)
		}
		return bare("card "+name, value, words...)
	}
	return []Secret{
		card("Visa", "4111111111111111"),
		card("Visa with spaces", "4012 8888 8888 1881"),
		card("Visa with dashes", "4012-8888-8888-1881"),
		card("Visa with dots", "4012.8888.8888.1881"),
		card("Visa of 19 digits", "4000000000000000006"),
		card("Mastercard", "5555555555554444"),
		card("Mastercard with dashes", "5105-1051-0510-5100", "5105-1051-0510-5100"),
		card("Mastercard of the second range", "2223003122003222"),
		card("Mastercard of the second range with spaces", "2223 0031 2200 3222"),
		card("Amex", "378282246310005"),
		card("Amex with spaces", "3782 822463 10005"),
		card("Amex with dashes", "3714-496353-98431"),
		card("Discover", "6011000990139424"),
		card("Discover of another range", "6445644564456445"),
		card("Diners", "30569309025904"),
		card("Diners with spaces", "3056 930902 5904"),
		card("JCB", "3530111333300000"),
		card("JCB with spaces", "3566 0020 2036 0505", "3566 0020 2036"),
		card("UnionPay", "6200000000000005"),
		card("UnionPay of 19 digits", "6205500000000000004"),
		card("Maestro", "6759649826438453"),
		card("and CVC", "4111111111111111 123", "4111111111111111"),
		card("with spaces and CVC", "4012 8888 8888 1881 737", "4012 8888 8888"),
		card("and expiry", "4012888888881881 12/27", "4012888888881881"),
		card("and expiry and CVC", "4012 8888 8888 1881 12/27 123", "4012 8888 8888"),
		card("between bars", "4012888888881881|12|2027|123", "4012888888881881"),
		card("and CVC in words", "5555555555554444 cvc 123", "5555555555554444"),
		card("between slashes", "5555555555554444/12/27", "5555555555554444"),
	}
}
