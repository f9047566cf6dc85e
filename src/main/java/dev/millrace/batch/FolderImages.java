package dev.millrace.batch;

import dev.millrace.verify.ImageFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The files below a folder that are called images. The folder itself may be a link, and so may a
 * file; folders below that are links are left out, so that no cycle is followed.
 *
 * <p>Names of files are bytes. They are handed over as paths of URLs, byte by byte, since text
 * loses what is not in the character set of the system.
 */
final class FolderImages {
    private static final String UNCHANGED = "./*-_";

    private FolderImages() {}

    static boolean isImage(String name) {
        return ImageFiles.isImage(name);
    }

    /** Hands over their paths from the folder, as paths of URLs. */
    static void each(Path folder, Consumer<String> taker) throws IOException {
        Path root = folder.toRealPath();
        int before = root.toUri().getRawPath().length();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (isImage(file.getFileName().toString()) && Files.isRegularFile(file)) {
                            taker.accept(encoded(file.toUri().getRawPath().substring(before)));
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException why)
                            throws IOException {
                        if (why instanceof NoSuchFileException && !file.equals(root)) {
                            // It was deleted meanwhile.
                            return FileVisitResult.CONTINUE;
                        }
                        throw why;
                    }
                });
    }

    /** The text that the path of a URL stands for, where it is text in UTF-8. */
    static Optional<String> text(String encoded) {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes(encoded)))
                            .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** As Java's encoder of forms has it, but for spaces and slashes. */
    private static String encoded(String path) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : bytes(path)) {
            char character = (char) (b & 0xFF);
            if (character < 128
                    && (Character.isLetterOrDigit(character)
                            || UNCHANGED.indexOf(character) >= 0)) {
                encoded.append(character);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    private static byte[] bytes(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) == '%') {
                bytes.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(encoded.charAt(i));
            }
        }
        return bytes.toByteArray();
    }
}
