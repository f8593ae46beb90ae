package kubeconfig

import (
	"encoding/json"
	"fmt"
	"strings"
)

// line is one line of YAML that carries content.
type line struct {
	indent int
	text   string
}

// parseYAML reads the part of YAML that kubeconfig files use: block maps and lists, plain and quoted scalars, "{}"
// and "[]". Every scalar is returned as a string. JSON is read too.
func parseYAML(text string) (any, error) {
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") {
		var value any
		err := json.Unmarshal([]byte(trimmed), &value)
		return value, err
	}
	p := &parser{}
	for _, raw := range strings.Split(text, "\n") {
		content := strings.TrimRight(raw, " \t\r")
		body := strings.TrimLeft(content, " ")
		if body == "" || strings.HasPrefix(body, "#") || body == "---" {
			continue
		}
		p.lines = append(p.lines, line{indent: len(content) - len(body), text: body})
	}
	if len(p.lines) == 0 {
		return map[string]any{}, nil
	}
	value, err := p.block(p.lines[0].indent)
	if err == nil && p.next < len(p.lines) {
		err = fmt.Errorf("unexpected indentation at %q", p.lines[p.next].text)
	}
	return value, err
}

type parser struct {
	lines []line
	next  int
}

func isItem(text string) bool { return text == "-" || strings.HasPrefix(text, "- ") }

// block reads the map or list whose lines stand at indent.
func (p *parser) block(indent int) (any, error) {
	if isItem(p.lines[p.next].text) {
		return p.list(indent)
	}
	return p.mapping(indent)
}

func (p *parser) list(indent int) (any, error) {
	items := []any{}
	for p.next < len(p.lines) && p.lines[p.next].indent == indent && isItem(p.lines[p.next].text) {
		current := &p.lines[p.next]
		rest := strings.TrimLeft(strings.TrimPrefix(current.text, "-"), " ")
		if _, _, isMap := splitKey(rest); rest != "" && !isMap {
			items = append(items, scalar(rest))
			p.next++
			continue
		}
		inner := indent + len(current.text) - len(rest)
		if rest == "" {
			if p.next++; p.next >= len(p.lines) || p.lines[p.next].indent <= indent {
				items = append(items, "")
				continue
			}
			inner = p.lines[p.next].indent
		} else {
			*current = line{indent: inner, text: rest}
		}
		item, err := p.block(inner)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func (p *parser) mapping(indent int) (any, error) {
	result := map[string]any{}
	for p.next < len(p.lines) && p.lines[p.next].indent == indent {
		current := p.lines[p.next]
		key, rest, ok := splitKey(current.text)
		if !ok {
			return nil, fmt.Errorf("no key in %q", current.text)
		}
		p.next++
		if rest != "" {
			result[key] = scalar(rest)
			continue
		}
		result[key] = ""
		if p.next == len(p.lines) {
			continue
		}
		following := p.lines[p.next]
		if following.indent > indent || following.indent == indent && isItem(following.text) {
			value, err := p.block(following.indent)
			if err != nil {
				return nil, err
			}
			result[key] = value
		}
	}
	return result, nil
}

// splitKey splits "key: value" at the first colon that ends a key.
func splitKey(text string) (key, rest string, ok bool) {
	if strings.HasSuffix(text, ":") {
		return unquote(strings.TrimSuffix(text, ":")), "", true
	}
	at := strings.Index(text, ": ")
	if at < 0 || strings.HasPrefix(text, `"`) && strings.Count(text[:at], `"`) == 1 {
		return "", "", false
	}
	return unquote(text[:at]), strings.TrimSpace(text[at+2:]), true
}

func scalar(text string) any {
	switch text {
	case "{}":
		return map[string]any{}
	case "[]":
		return []any{}
	case "null", "~":
		return ""
	}
	if at := strings.Index(text, " #"); at >= 0 && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "'") {
		text = strings.TrimSpace(text[:at])
	}
	return unquote(text)
}

func unquote(text string) string {
	if len(text) < 2 {
		return text
	}
	if text[0] == '\'' && text[len(text)-1] == '\'' {
		return strings.ReplaceAll(text[1:len(text)-1], "''", "'")
	}
	var plain string
	if text[0] == '"' && json.Unmarshal([]byte(text), &plain) == nil {
		return plain
	}
	return text
}
