//go:build ignore

// Writes regex-go-cases.json, Go's own answers for random expressions: `go run regex-go-cases.go 600 1 > regex-go-cases.json`.
// Each line is [pattern, null] for one that Go refuses, else [pattern, [input, template, result or null without a match]…].
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"regexp"
	"strconv"
	"strings"
)

var random *rand.Rand

func pick(choices ...string) string { return choices[random.Intn(len(choices))] }

func atom() string {
	return pick("a", "b", "-", "/", "4", "é", "通", "K", ".", "\\d", "\\w", "\\s", "\\W", "[ab]", "[^a]", "[a-c4]", "[^-/]", "[]a]",
		"[\\d-]", "\\.", "\\x61", "\\x{901a}", "^", "$", "\\b", "\\B", "\\A", "\\z", "", "(?i:K)", "[^\\W4]")
}

func expression(depth int) string {
	if depth <= 0 {
		return atom()
	}
	switch random.Intn(9) {
	case 0, 1:
		return expression(depth-1) + expression(depth-1)
	case 2:
		return expression(depth-1) + "|" + expression(depth-1)
	case 3:
		return pick("(", "(", "(?P<n>", "(?<m>") + expression(depth-1) + ")"
	case 4:
		return "(?:" + expression(depth-1) + ")"
	case 5, 6:
		return pick("(", "(", "(?P<n>") + expression(depth-1) + ")" + repeat()
	case 7:
		return "(?:" + expression(depth-1) + ")" + repeat()
	default:
		return pick("", "", "", "(?i)", "(?s)", "(?m)", "(?U)", "(?i-s)") + expression(depth-1)
	}
}

func repeat() string {
	return pick("*", "+", "?", "{2}", "{0}", "{1,}", "{0,2}", "{2,}", "{1,3}") + pick("", "", "?")
}

// noise is text that is often no expression at all.
func noise() string {
	var text strings.Builder
	for length := random.Intn(10); length >= 0; length-- {
		text.WriteString(pick("a", "b", "(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "\\", "^", "$", ".", "-", ",", "2", "1", "(?:", "(?P<n>",
			"(?<m>", "(?i)", "\\d", "\\x", "é", "(?", ":", "{1,2}", "[^"))
	}
	return text.String()
}

func input() string {
	var text strings.Builder
	for length := random.Intn(9); length > 0; length-- {
		text.WriteString(pick("a", "a", "b", "c", "-", "/", "4", ".", " ", "é", "通", "K", "k", "\n"))
	}
	return text.String()
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	seed, _ := strconv.ParseInt(os.Args[2], 10, 64)
	random = rand.New(rand.NewSource(seed))
	templates := []string{"<$0>", "<$1>", "[$1|$2|$3]", "${1}x$$", "$1x$", "${n}-${9}", "", "$m$n", "通${2}é${"}
	fmt.Println("[")
	for written := 0; written < count; written++ {
		pattern := expression(1 + random.Intn(5))
		if random.Intn(4) == 0 {
			pattern = noise()
		}
		row := []any{pattern}
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			row = append(row, nil)
		}
		for k := 0; err == nil && k < 4; k++ {
			text, template := input(), templates[random.Intn(len(templates))]
			if compiled.MatchString(text) {
				row = append(row, []any{text, template, compiled.ReplaceAllString(text, template)})
			} else {
				row = append(row, []any{text, template, nil})
			}
		}
		var line strings.Builder
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(row)
		comma := ","
		if written == count-1 {
			comma = ""
		}
		fmt.Println(strings.TrimSpace(line.String()) + comma)
	}
	fmt.Println("]")
}
