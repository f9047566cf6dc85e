package dev.millrace.objects;

import java.io.ByteArrayInputStream;
import java.net.ProtocolException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * A page of a list of objects, as {@code ListObjectsV2} answers it.
 *
 * @param next what to ask for the page after it with; empty on the last
 */
record ObjectPage(List<ListedObject> objects, Optional<String> next) {
    /** Of a thousand keys, each byte written as three, and what goes with them. */
    static final int MAX_BYTES = 8 << 20;

    /**
     * Throws {@link ProtocolException} with one line where it is no such page, or a part of one.
     */
    static ObjectPage of(byte[] body) throws ProtocolException {
        try {
            return new Reader().read(body);
        } catch (XMLStreamException | IllegalArgumentException e) {
            throw new ProtocolException("the store answered no list of objects that can be read");
        }
    }

    /** What was read so far. */
    private static final class Reader {
        private final List<ListedObject> objects = new ArrayList<>();
        private boolean list;
        private boolean truncated;
        private boolean encoded;
        private String token = "";
        private String key = "";
        private String etag = "";
        private long bytes;

        ObjectPage read(byte[] body) throws XMLStreamException, ProtocolException {
            XMLStreamReader xml =
                    StoreError.XML.createXMLStreamReader(new ByteArrayInputStream(body));
            String place = "";
            StringBuilder text = new StringBuilder();
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        place += "/" + xml.getLocalName();
                        list |= place.equals("/ListBucketResult");
                        text.setLength(0);
                    }
                    case XMLStreamConstants.CHARACTERS -> text.append(xml.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        ended(place.replaceFirst("^/ListBucketResult/", ""), text.toString());
                        place = place.substring(0, place.lastIndexOf('/'));
                        text.setLength(0);
                    }
                    default -> {}
                }
            }
            if (!list || truncated && token.isEmpty()) {
                throw new ProtocolException("the store answered no whole list of objects");
            }
            return new ObjectPage(objects, Optional.of(token).filter(_ -> truncated));
        }

        private void ended(String place, String text) {
            switch (place) {
                case "IsTruncated" -> truncated = text.equals("true");
                case "EncodingType" -> encoded = text.equals("url");
                case "NextContinuationToken" -> token = text;
                case "Contents/Key" -> key = text;
                case "Contents/Size" -> bytes = Long.parseLong(text);
                case "Contents/ETag" -> etag = text;
                case "Contents" -> {
                    String name = encoded ? URLDecoder.decode(key, StandardCharsets.UTF_8) : key;
                    objects.add(new ListedObject(name, bytes, etag));
                }
                default -> {}
            }
        }
    }
}
