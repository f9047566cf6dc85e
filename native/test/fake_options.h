// What a stand-in is told by an environment variable: key=value, separated by semicolons.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace fake {

class Options {
public:
    explicit Options(char const* text) {
        for (std::string const& entry : split(text == nullptr ? "" : text, ';')) {
            auto const equals = entry.find('=');
            values_[entry.substr(0, equals)] = equals == std::string::npos ? "1" : entry.substr(equals + 1);
        }
    }

    static std::vector<std::string> split(std::string const& text, char separator) {
        std::vector<std::string> parts;
        for (std::size_t from = 0; from < text.size();) {
            std::size_t const to = std::min(text.find(separator, from), text.size());
            parts.push_back(text.substr(from, to - from));
            from = to + 1;
        }
        return parts;
    }

    bool has(std::string const& key) const { return values_.count(key) != 0; }

    std::string text(std::string const& key, std::string const& otherwise = "") const {
        auto const found = values_.find(key);
        return found == values_.end() ? otherwise : found->second;
    }

    long long number(std::string const& key, long long otherwise) const {
        return has(key) ? std::stoll(text(key)) : otherwise;
    }

    /// The compute capabilities of the cards, such as 75 for 7.5.
    std::vector<int> cards() const {
        std::vector<int> cards;
        for (std::string const& card : split(text("devices", "7.5"), ',')) {
            auto const point = card.find('.');
            cards.push_back(std::stoi(card.substr(0, point)) * 10 + std::stoi(card.substr(point + 1)));
        }
        return cards;
    }

    /// Bytes of memory of each card.
    std::size_t memory() const { return static_cast<std::size_t>(number("memory", 15LL << 30)); }

    /// The CUDA that the driver serves, such as 13010 for 13.1.
    int driver() const { return static_cast<int>(number("driver", 13010)); }

private:
    std::map<std::string, std::string> values_;
};

}  // namespace fake
