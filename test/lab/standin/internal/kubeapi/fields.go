package kubeapi

// Field walks nested maps and returns what it finds there, or nil.
func Field(object any, path ...string) any {
	for _, key := range path {
		m, ok := object.(map[string]any)
		if !ok {
			return nil
		}
		object = m[key]
	}
	return object
}

// Text is Field for a string, "" when there is none.
func Text(object any, path ...string) string {
	text, _ := Field(object, path...).(string)
	return text
}

// Map returns the map under key, making it when it is missing.
func Map(object Object, key string) Object {
	if m, ok := object[key].(map[string]any); ok {
		return m
	}
	m := Object{}
	object[key] = m
	return m
}
