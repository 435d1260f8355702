// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import "strings"

// tokenSecrets are keys and tokens with a known prefix. They are composed of the prefix and a generated body, so
// that scanners of source code do not report them.
func tokenSecrets() []Secret {
	one := func(name, before, body, after string) Secret { return bare(name, before+body+after, body) }
	body := func(name string, n int) string { return gen(name, letters, n) }
	list := []Secret{
		one("OpenAI key", "sk-", body("openai", 48), ""),
		one("OpenAI project key", "sk-proj-", body("openai project", 40), "_x-"+body("openai project2", 8)),
		one("Anthropic key", "sk-ant-api03-", body("anthropic", 60), "-AA"),
		one("Cartesia key with its prefix", "sk_car_", body("car", 22), ""),
		one("Stripe key", "sk_"+"live_", body("stripe", 24), ""),
		one("webhook secret with its prefix", "whsec_", body("whsec", 32), ""),
		bare("SendGrid key", "SG."+body("sendgrid", 22)+"."+body("sendgrid2", 43), body("sendgrid", 22), body("sendgrid2", 43)),
		one("Google access token", "ya29.", body("google access", 60), ""),
		bare("Google access token with two parts", "ya29.a0"+body("ga1", 20)+"-"+body("ga2", 20)+"_"+body("ga3", 20), body("ga1", 20), body("ga2", 20), body("ga3", 20)),
		one("Google API key", "AIza", "Sy"+body("google key", 33), ""),
		one("Slack bot token", "xox"+"b-", "2401372-"+body("slack", 24), ""),
		one("Slack app token", "xapp-1-", "A0"+body("slack app", 40), ""),
		bare("Slack webhook", "https://hooks.slack.com/services/T"+gen("st", capitals, 8)+"/B"+gen("sb", capitals, 8)+"/"+body("slack hook", 24), body("slack hook", 24)),
		bare("Discord webhook", "https://discord.com/api/webhooks/1203948572/"+body("discord", 60), body("discord", 60)),
		bare("Telegram bot", "https://api.telegram.org/bot1203948572:AA"+body("telegram", 33)+"/sendMessage", body("telegram", 33)),
		bare("Telegram token", "1203948572:AA"+body("telegram2", 33), body("telegram2", 33)),
		one("GitHub token", "ghp_", body("github", 36), ""),
		one("GitHub fine-grained token", "github_pat_", body("github pat", 22)+"_"+body("github pat2", 59), ""),
		one("GitLab token", "glpat-", body("gitlab", 20), ""),
		one("AWS key id", "AKIA", gen("akia", capitals, 16), ""),
		one("AWS temporary key id", "ASIA", gen("asia", capitals, 16), ""),
		one("Hugging Face token", "hf_", body("hugging", 34), ""),
		one("Groq key", "gsk_", body("groq", 52), ""),
		one("xAI key", "xai-", body("xai", 80), ""),
		one("Replicate token", "r8_", body("replicate", 37), ""),
		one("npm token", "npm_", body("npm", 36), ""),
		one("DigitalOcean token", "dop_v1_", gen("ocean", hexDigits, 64), ""),
		one("PyPI token", "pypi-", "AgEI"+body("pypi", 60), ""),
		one("Bearer in a sentence", "Bearer ", body("bearer bare", 32), ""),
		one("Token in a sentence", "Token ", gen("token bare", hexDigits, 40), ""),
		one("Basic in a sentence", "Basic ", body("basic bare", 30), "=="),
		bare("JWT", jwt("jwt", body("jwt signature", 43)), body("jwt signature", 43)),
		bare("JWT without a signature", jwt("jwt unsigned", ""), body("jwt unsigned", 60)),
		bare("signed URL of AWS", "https://b.s3.amazonaws.com/call.wav?X-Amz-Date=20261123&X-Amz-Signature="+gen("presigned", hexDigits, 64), gen("presigned", hexDigits, 64)),
		bare("signed URL of Azure", "https://a.blob.core.windows.net/c/x?sv=2024-01-01&sig="+body("sas", 40)+"%3D", body("sas", 40)),
		bare("key in a URL", "https://maps.example.com/v1/x?key="+body("url key", 20)+"&lang=en", body("url key", 20)),
		bare("token in a URL", "wss://rtc.example.com/rtc?access_token="+body("url token", 40)+"&auto=1", body("url token", 40)),
		bare("Twilio form", "AccountSid=AC"+gen("sid", hexDigits, 32)+"&AuthToken="+gen("form", hexDigits, 32), gen("form", hexDigits, 32)),
	}
	for _, kind := range []string{"", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "} {
		list = append(list, bare("private key "+strings.TrimSpace(kind), pem(kind, "\n"), pemWords(kind)...))
	}
	return append(list, bare("private key in one line", pem("DSA ", `\n`), pemWords("DSA ")...))
}

// jwt returns a token of three parts with a generated signature.
func jwt(name, signature string) string {
	return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ" + gen(name, letters, 60) + "." + signature
}

// pem returns a PEM block without a real key.
func pem(kind, newline string) string {
	lines := append([]string{"-----BEGIN " + kind + "PRIVATE KEY-----"}, pemWords(kind)...)
	return strings.Join(append(lines, "-----END "+kind+"PRIVATE KEY-----"), newline)
}

func pemWords(kind string) []string {
	return []string{"MII" + gen("pem1"+kind, letters, 61), gen("pem2"+kind, letters, 64), gen("pem3"+kind, letters, 30)}
}
