package dev.millrace.yaml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads whose file is no YAML. */
class YamlSyntaxTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    'a:\\n\\tb: c'            | line 2: a tab indents this line; YAML is indented by spaces only
                    'a:\\n  b: 1\\n  b: 2'    | line 3: the key 'b' is given twice in the same mapping; remove one of the two
                    'a: b: c'                 | line 1: a key is not allowed here; align it with the keys beside it, or put a value that contains ': ' in quotes
                    'a:\\n b: x\\n  c: 5s'    | line 3: a key is not allowed here; align it with the keys beside it, or put a value that contains ': ' in quotes
                    'a: {b: c\\nd: ['         | line 2: the '{' opened in line 1 is never closed; close it
                    'a: [b, c'                | line 1: the '[' opened in line 1 is never closed; close it
                    'a:\\n  b: "x'            | line 2: the quote opened in line 2 is never closed; close it
                    'a: %b'                   | line 1: a value cannot begin with '%'; put it in quotes
                    'a: @b'                   | line 1: a value cannot begin with '@'; put it in quotes
                    'a:\\n    b: 1\\n  c: 2'  | line 3: this line is indented differently from the ones beside it; align them
                    """)
    void theLineSaysWhatStandsThereAndWhatToDo(String yaml, String said) throws Exception {
        Path path =
                Files.writeString(
                        folder.resolve("a.yaml"), yaml.replace("\\n", "\n").replace("\\t", "\t"));
        YamlFile file = new YamlFile(path, new Variables("X_", Map.of()), ConfigException::new);
        ConfigException mistake = assertThrows(ConfigException.class, () -> file.read(""));
        assertEquals(path + ": " + said.replace("''", "'"), mistake.getMessage());
    }
}
