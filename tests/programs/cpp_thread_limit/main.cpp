#include <chrono>
#include <iostream>
#include <system_error>
#include <thread>
#include <vector>

int main()
{
    std::vector<std::thread> threads;
    try {
        while (threads.size() < 100)
            threads.emplace_back([] { std::this_thread::sleep_for(std::chrono::milliseconds(300)); });
        std::cout << "unlimited\n";
    } catch (const std::system_error &error) {
        std::cout << (threads.size() >= 1 && threads.size() < 16) << ' ' << (error.code() == std::errc::resource_unavailable_try_again) << '\n';
    }
    for (auto &thread : threads)
        thread.join();
}
